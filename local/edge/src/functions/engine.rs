//! Runs a CloudFront Function's source in QuickJS, one fresh context per run.
//!
//! Creating a context takes longer than a run, so each worker prepares one in advance. As on AWS, runs share no state.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Function, Module, Object, Persistent, Runtime, Value,
    context::intrinsic, promise::MaybePromise,
};
use tokio::sync::oneshot;

use super::{
    host::{Environment, host},
    kvs::Store,
};

/// The quota for a function's memory (2 MB), plus the engine's own.
const MAX_MEMORY: usize = (2 * 1024 + 256) * 1024;
const MAX_STACK: usize = 256 * 1024;
/// The limit of a function's CPU time, against endless loops. AWS allows about a millisecond.
const MAX_CPU_TIME: Duration = Duration::from_millis(100);
/// The number of prepared contexts, for bursts of requests.
const WORKERS: usize = 2;

const RUNTIME: &str = include_str!("runtime.js");
const BUILTINS: &str = include_str!("builtins.js");

/// What runtime 2.0 has: no `Map`, `Set`, `Proxy`, `WeakRef` or `BigInt`.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// Why a function failed. Viewers get a 503; the reason is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FunctionError {
    /// The source does not load: a syntax error, a missing module, no `handler`.
    #[error("the function does not load: {0}")]
    Broken(String),
    /// The handler threw.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It exceeded the limit of CPU time.
    #[error("the function took more than {} ms of CPU time", MAX_CPU_TIME.as_millis())]
    TooLong,
    /// It returned neither a request nor a response.
    #[error("the function returned {0}")]
    Invalid(String),
    /// The handler's promise was never settled.
    #[error("the function never answered")]
    NoAnswer,
}

/// One call of the handler.
#[derive(Debug)]
pub(crate) struct Call {
    /// The event object, as JSON.
    pub(crate) event: String,
    /// The content of the associated KeyValueStore.
    pub(crate) store: Arc<Store>,
    /// The time that the function sees, in milliseconds since 1970.
    pub(crate) now_ms: i64,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    /// What the handler returned, as JSON.
    pub(crate) answer: Result<String, FunctionError>,
    /// Lines of `console.log`.
    pub(crate) log: Vec<String>,
    /// The CPU time of the handler.
    pub(crate) took: Duration,
}

type Job = (Call, oneshot::Sender<Run>);

/// A function's source, loaded and waiting for calls.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    jobs: mpsc::Sender<Job>,
}

impl Engine {
    /// Loads a function with its associated KeyValueStore. Its workers end with the engine. If the source does not load, each call
    /// fails.
    pub(crate) fn start(source: &str, store_arn: Option<&str>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let source: Arc<str> = format!("{source}\n;export {{ handler }};").into();
        for _ in 0..WORKERS {
            let (queue, source, store_arn) = (queue.clone(), source.clone(), store_arn.map(str::to_owned));
            thread::Builder::new()
                .name("edge-function".into())
                .spawn(move || work(&queue, &source, store_arn.as_deref()))?;
        }
        Ok(Self { jobs })
    }

    /// Calls the handler.
    pub(crate) async fn run(&self, call: Call) -> Run {
        let (reply, answer) = oneshot::channel();
        let no_answer = || Run {
            answer: Err(FunctionError::NoAnswer),
            log: Vec::new(),
            took: Duration::ZERO,
        };
        match self.jobs.send((call, reply)) {
            Ok(()) => answer.await.unwrap_or_else(|_| no_answer()),
            Err(_) => no_answer(),
        }
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>, source: &str, store_arn: Option<&str>) {
    loop {
        let ready = Ready::new(source, store_arn);
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((call, reply)) = job else { return };
        let run = match &ready {
            Ok(ready) => ready.run(call),
            Err(error) => Run {
                answer: Err(error.clone()),
                log: Vec::new(),
                took: Duration::ZERO,
            },
        };
        drop(reply.send(run)); // the viewer may have disconnected
    }
}

/// The CPU time of this thread.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// A context in which the function's module is evaluated. QuickJS requires that fields are dropped in this order.
struct Ready {
    handler: Persistent<Function<'static>>,
    context: Context,
    environment: Rc<RefCell<Environment>>,
    /// In CPU time of the thread.
    deadline: Rc<Cell<Option<Duration>>>,
}

impl Ready {
    fn new(source: &str, store_arn: Option<&str>) -> Result<Self, FunctionError> {
        let broken = |error: rquickjs::Error| FunctionError::Broken(error.to_string());
        let environment = Rc::new(RefCell::new(Environment {
            store_arn: store_arn.map(str::to_owned),
            ..Environment::default()
        }));
        let deadline = Rc::<Cell<Option<Duration>>>::default();
        let runtime = Runtime::new().map_err(broken)?;
        let context = Context::custom::<Intrinsics>(&runtime).map_err(broken)?;
        let limit = deadline.clone();
        let past = move || limit.get().is_some_and(|deadline| cpu_time() > deadline);
        runtime.set_interrupt_handler(Some(Box::new(past)));

        context.with(|ctx| {
            install_runtime(&ctx, &environment)
                .catch(&ctx)
                .map_err(|error| FunctionError::Broken(describe(&error)))
        })?;
        runtime.set_memory_limit(MAX_MEMORY);
        runtime.set_max_stack_size(MAX_STACK);

        deadline.set(Some(cpu_time() + MAX_CPU_TIME));
        let handler = context.with(|ctx| {
            let load = || {
                let (module, done) = Module::declare(ctx.clone(), "function.js", source)?.eval()?;
                done.finish::<()>()?;
                Ok(Persistent::save(&ctx, module.get::<_, Function>("handler")?))
            };
            load()
                .catch(&ctx)
                .map_err(|error| FunctionError::Broken(describe(&error)))
        })?;
        deadline.set(None);
        Ok(Self {
            handler,
            context,
            environment,
            deadline,
        })
    }

    fn run(&self, call: Call) -> Run {
        let started = cpu_time();
        {
            let mut environment = self.environment.borrow_mut();
            environment.store = call.store;
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's own time is a double")]
            let now_ms = call.now_ms as f64;
            environment.now_ms = now_ms;
        }
        self.deadline.set(Some(started + MAX_CPU_TIME));
        let answer = self.context.with(|ctx| self.call(&ctx, call.event));
        let took = cpu_time().saturating_sub(started);
        let answer = answer.map_err(|error| {
            if took > MAX_CPU_TIME {
                FunctionError::TooLong
            } else {
                error
            }
        });
        let log = std::mem::take(&mut self.environment.borrow_mut().log);
        Run { answer, log, took }
    }

    fn call(&self, ctx: &Ctx<'_>, event: String) -> Result<String, FunctionError> {
        let answer = || {
            let handler = self.handler.clone().restore(ctx)?;
            let answer: MaybePromise = handler.call((ctx.json_parse(event)?,))?;
            let answer: Value = answer.finish()?;
            ctx.json_stringify(answer)?.map(|text| text.to_string()).transpose()
        };
        match answer().catch(ctx) {
            Ok(answer) => Ok(answer.unwrap_or_else(|| "null".into())),
            Err(CaughtError::Error(rquickjs::Error::WouldBlock)) => Err(FunctionError::NoAnswer),
            Err(error) => Err(FunctionError::Failed(describe(&error))),
        }
    }
}

/// Installs the runtime's objects and modules.
fn install_runtime(ctx: &Ctx<'_>, environment: &Rc<RefCell<Environment>>) -> rquickjs::Result<()> {
    let install: Function = ctx.eval(RUNTIME)?;
    let modules: Object = install.call((host(ctx, environment)?,))?;
    for name in modules.keys::<String>() {
        let name = name?;
        let exported = Object::new(ctx.clone())?;
        exported.set("default", modules.get::<_, Value>(name.as_str())?)?;
        ctx.globals().set("__exported", exported)?;
        let (_, done) = Module::declare(
            ctx.clone(),
            name.as_str(),
            "export default globalThis.__exported.default;",
        )?
        .eval()?;
        done.finish::<()>()?;
    }
    ctx.eval::<(), _>(BUILTINS)
}

fn describe(error: &CaughtError<'_>) -> String {
    error.to_string().trim().replace('\n', " ")
}
