//! The functions of this area in one program: `_HANDLER` names the one that this process runs.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    analytics::serve(&runtime::functions::handler()?).await
}
