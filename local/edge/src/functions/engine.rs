//! Runs a CloudFront Function's source in QuickJS, one fresh context per run.
//!
//! A context costs more to make than a run: every worker keeps one ready before the call comes. Nothing of a run is left
//! for the next one, as on AWS.

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
    host::{World, host},
    kvs::Store,
};

/// The documentation's quota for a function's memory (2 MB), and what the engine itself takes.
const MEMORY: usize = (2 * 1024 + 256) * 1024;
const STACK: usize = 256 * 1024;
/// How long a function may compute, in CPU time as AWS counts it, whatever else the machine does. AWS gives about a millisecond;
/// this is a fence against endless loops.
const PATIENCE: Duration = Duration::from_millis(100);
/// Two contexts stand ready, so that bursts do not wait for one to be made.
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

/// Why a function gave no answer. CloudFront shows viewers a 503 and keeps this for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FunctionError {
    /// The source does not load: a syntax error, a missing module, no `handler`.
    #[error("the function does not load: {0}")]
    Broken(String),
    /// The handler threw.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It ran longer than a function may.
    #[error("the function ran longer than {} ms", PATIENCE.as_millis())]
    TooLong,
    /// It returned something else than a request or a response.
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
    /// What the associated KeyValueStore holds.
    pub(crate) store: Arc<Store>,
    /// The time that the function sees, in milliseconds since 1970.
    pub(crate) now_ms: i64,
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    /// What the handler returned, as JSON.
    pub(crate) answer: Result<String, FunctionError>,
    /// Lines of `console.log`.
    pub(crate) log: Vec<String>,
    /// How long the handler computed.
    pub(crate) took: Duration,
}

type Job = (Call, oneshot::Sender<Run>);

/// A function's source, loaded and waiting for calls.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    jobs: mpsc::Sender<Job>,
}

impl Engine {
    /// Loads a function with its associated KeyValueStore; its workers live as long as the engine does. A source that does not load answers so to each call.
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
        let gone = || Run {
            answer: Err(FunctionError::NoAnswer),
            log: Vec::new(),
            took: Duration::ZERO,
        };
        match self.jobs.send((call, reply)) {
            Ok(()) => answer.await.unwrap_or_else(|_| gone()),
            Err(_) => gone(),
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
        drop(reply.send(run)); // a viewer who left needs no answer
    }
}

/// How long this thread has computed.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// A context in which the function's module has been evaluated. Fields are dropped in this order, as QuickJS needs it.
struct Ready {
    handler: Persistent<Function<'static>>,
    context: Context,
    world: Rc<RefCell<World>>,
    /// In CPU time of the thread.
    deadline: Rc<Cell<Option<Duration>>>,
}

impl Ready {
    fn new(source: &str, store_arn: Option<&str>) -> Result<Self, FunctionError> {
        let broken = |error: rquickjs::Error| FunctionError::Broken(error.to_string());
        let world = Rc::new(RefCell::new(World {
            store_arn: store_arn.map(str::to_owned),
            ..World::default()
        }));
        let deadline = Rc::<Cell<Option<Duration>>>::default();
        let runtime = Runtime::new().map_err(broken)?;
        let context = Context::custom::<Intrinsics>(&runtime).map_err(broken)?;
        let fence = deadline.clone();
        let past = move || fence.get().is_some_and(|deadline| cpu_time() > deadline);
        runtime.set_interrupt_handler(Some(Box::new(past)));

        context.with(|ctx| {
            provide(&ctx, &world)
                .catch(&ctx)
                .map_err(|error| FunctionError::Broken(told(&error)))
        })?;
        runtime.set_memory_limit(MEMORY);
        runtime.set_max_stack_size(STACK);

        deadline.set(Some(cpu_time() + PATIENCE));
        let handler = context.with(|ctx| {
            let load = || {
                let (module, done) = Module::declare(ctx.clone(), "function.js", source)?.eval()?;
                done.finish::<()>()?;
                Ok(Persistent::save(&ctx, module.get::<_, Function>("handler")?))
            };
            load().catch(&ctx).map_err(|error| FunctionError::Broken(told(&error)))
        })?;
        deadline.set(None);
        Ok(Self {
            handler,
            context,
            world,
            deadline,
        })
    }

    fn run(&self, call: Call) -> Run {
        let started = cpu_time();
        {
            let mut world = self.world.borrow_mut();
            world.store = call.store;
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's own time is a double")]
            let now_ms = call.now_ms as f64;
            world.now_ms = now_ms;
        }
        self.deadline.set(Some(started + PATIENCE));
        let answer = self.context.with(|ctx| self.call(&ctx, call.event));
        let took = cpu_time().saturating_sub(started);
        let answer = answer.map_err(|error| if took > PATIENCE { FunctionError::TooLong } else { error });
        let log = std::mem::take(&mut self.world.borrow_mut().log);
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
            Err(error) => Err(FunctionError::Failed(told(&error))),
        }
    }
}

/// Puts the runtime's objects and modules into a bare context.
fn provide(ctx: &Ctx<'_>, world: &Rc<RefCell<World>>) -> rquickjs::Result<()> {
    let install: Function = ctx.eval(RUNTIME)?;
    let modules: Object = install.call((host(ctx, world)?,))?;
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

fn told(error: &CaughtError<'_>) -> String {
    error.to_string().trim().replace('\n', " ")
}
