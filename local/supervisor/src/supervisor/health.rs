//! Health checks of services, and checks for free ports.

use std::{net::TcpListener, time::Duration};

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::{Instant, sleep, timeout};

use super::services::Service;
use crate::config::Config;

/// Whether the service answers 200.
pub(crate) async fn is_healthy(service: Service, config: &Config) -> bool {
    let Ok(url) = service.health_url(config).parse() else {
        return false;
    };
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = timeout(Duration::from_secs(2), client.get(url)).await;
    matches!(answer, Ok(Ok(response)) if response.status().is_success())
}

/// Waits until the service is healthy; false after the timeout.
pub(crate) async fn wait_healthy(timeout: Duration, service: Service, config: &Config) -> bool {
    let deadline = Instant::now() + timeout;
    while !is_healthy(service, config).await {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(Duration::from_millis(100)).await;
    }
    true
}

/// Fails if another program listens on the port of a service, with the variable to choose another port.
pub(crate) fn require_free_ports(config: &Config) -> anyhow::Result<()> {
    for service in Service::ALL {
        let port = service.port(config);
        anyhow::ensure!(
            TcpListener::bind(("127.0.0.1", port)).is_ok(),
            "port {port} of {} is used by another program: stop that program, or choose another port with {}",
            service.name(),
            service.port_variable(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_port_is_named_with_its_variable() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let config = Config {
            // Any free ones.
            emulator_port: 0,
            mediaconvert_port: 0,
            sagemaker_port: 0,
            edge_port: port,
            ..Config::from_env().unwrap()
        };

        let message = require_free_ports(&config).unwrap_err().to_string();

        assert!(message.contains(&format!("port {port}")), "{message}");
        assert!(message.contains("MARQUEE_EDGE_PORT"), "{message}");
    }
}
