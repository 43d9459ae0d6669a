//! One run of a foreign tool in a process group of its own.

use std::{io, os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{Ended, Invocation, Outcome, last_lines::LastLines, scrub};

/// How long a tool may take to tidy up (git's temporary clones) once it is told to end.
const TIDY_UP: Duration = Duration::from_secs(2);
/// How long output may still come once the tool itself has ended.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the rest of its complaints may take when its output is complete.
const DRAIN_STDERR: Duration = Duration::from_millis(250);

/// Runs a tool with what it is given on standard input and without the variables that
/// [`super::is_withheld`] names.
///
/// Nothing that it started outlives this call, nor the call's being dropped, unless it
/// has left the process group.
pub async fn run(invocation: &Invocation) -> Outcome {
    let mut child = match spawn(invocation).await {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Outcome::NotFound,
        Err(error) => return Outcome::NotStarted { problem: scrub(&error.to_string()) },
    };
    let group = Group::of(&child);
    if let (Some(text), Some(mut stdin)) = (invocation.stdin.clone(), child.stdin.take()) {
        // On its own, for a tool may write before it reads. It ends with the tool.
        tokio::spawn(async move {
            let _ = stdin.write_all(&text).await;
        });
    }
    let deadline = Instant::now() + invocation.timeout;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut taken = Vec::new();
    let mut last_lines = LastLines::default();

    let end = {
        let mut out = std::pin::pin!(take_bounded(stdout, &mut taken, invocation.stdout_limit));
        let mut err = std::pin::pin!(take_last_lines(stderr, &mut last_lines));
        let (mut out_end, mut err_done) = (None, false);
        let mut exited = None;
        // Both streams are read until the tool has ended and they are closed; a straggler
        // that holds them open is not waited for longer than DRAIN.
        let work = async {
            let mut drained = None;
            loop {
                if let Some(Taken::TooMuch) = out_end {
                    return End::TooMuch;
                }
                if out_end.is_some()
                    && err_done
                    && let Some(status) = exited.take()
                {
                    return End::Exited { status, whole: true };
                }
                tokio::select! {
                    status = child.wait(), if exited.is_none() => {
                        exited = Some(status);
                        let patience = if out_end.is_some() { DRAIN_STDERR } else { DRAIN };
                        drained = Some(Instant::now() + patience);
                    }
                    end = &mut out, if out_end.is_none() => {
                        out_end = Some(end);
                        drained = drained.map(|_| Instant::now() + DRAIN_STDERR);
                    }
                    () = &mut err, if !err_done => err_done = true,
                    () = pause_until(drained) => {
                        let status = exited.take().unwrap_or_else(child_is_lost);
                        return End::Exited { status, whole: out_end.is_some() };
                    }
                }
            }
        };
        timeout_at(deadline, work).await
    };

    match end {
        Ok(End::TooMuch) => {
            drop(group);
            let _ = child.wait().await;
            Outcome::TooMuchOutput
        }
        Ok(End::Exited { status: Err(error), .. }) => {
            Outcome::NotStarted { problem: scrub(&error.to_string()) }
        }
        Ok(End::Exited { status: Ok(status), whole }) => {
            let last_lines = last_lines.finish();
            match (status.code(), status.signal()) {
                (Some(0), _) if whole => Outcome::Done { stdout: taken, last_lines },
                (Some(0), _) => Outcome::Failed { ended: Ended::OutputCut, last_lines },
                (Some(code), _) => Outcome::Failed { ended: Ended::Code(code), last_lines },
                (None, signal) => {
                    Outcome::Failed { ended: Ended::Signal(signal.unwrap_or_default()), last_lines }
                }
            }
        }
        Err(_) => {
            group.terminate();
            let _ = timeout(TIDY_UP, child.wait()).await;
            drop(group);
            let _ = child.wait().await;
            Outcome::TimedOut { last_lines: last_lines.finish() }
        }
    }
}

enum End {
    Exited { status: io::Result<std::process::ExitStatus>, whole: bool },
    TooMuch,
}

fn child_is_lost<T>() -> io::Result<T> {
    Err(io::Error::other("its end could not be observed"))
}

async fn pause_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn spawn(invocation: &Invocation) -> io::Result<Child> {
    let mut command = Command::new(&invocation.program);
    command
        .args(&invocation.args)
        .stdin(if invocation.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(dir) = &invocation.dir {
        command.current_dir(dir);
    }
    for (name, _) in std::env::vars_os().filter(|(name, _)| invocation.withholds(name)) {
        command.env_remove(name);
    }
    for (name, value) in &invocation.variables {
        command.env(name, value);
    }
    let mut attempts = 0;
    loop {
        match command.spawn() {
            // Somebody is still writing the file, or has just forked while doing so.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && attempts < 20 => {
                attempts += 1;
                sleep(Duration::from_millis(25)).await;
            }
            result => return result,
        }
    }
}

enum Taken {
    All,
    TooMuch,
}

async fn take_bounded(
    stream: Option<impl AsyncRead + Unpin>,
    taken: &mut Vec<u8>,
    limit: usize,
) -> Taken {
    let Some(mut stream) = stream else { return Taken::All };
    let mut piece = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return Taken::All,
            Ok(count) if taken.len() + count > limit => return Taken::TooMuch,
            Ok(count) => taken.extend_from_slice(&piece[..count]),
        }
    }
}

async fn take_last_lines(stream: Option<impl AsyncRead + Unpin>, lines: &mut LastLines) {
    let Some(mut stream) = stream else { return };
    let mut piece = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        lines.push(&piece[..count]);
    }
}

/// The tool's process group; killed when this is dropped, so that a dropped [`run`]
/// leaves nothing behind.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// The kernel gives the group's number to nobody else while a member lives; when none
    /// does there is nothing to signal.
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
