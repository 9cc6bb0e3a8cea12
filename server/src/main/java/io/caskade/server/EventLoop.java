package io.caskade.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread that runs tasks in the order they came, in turns: a turn is all that was waiting when it began. After
/// each
/// turn those who joined are told, so that what a turn gathered is written at once.
///
/// Any thread may add tasks. The thread is never interrupted: an interrupt would close log files.
final class EventLoop implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final List<Runnable> turnEnds = new ArrayList<>();
    private final Consumer<Error> onError;
    private final Thread thread;

    /// Used by the loop's thread alone.
    private boolean stopped;

    private EventLoop(ThreadFactory threads, Consumer<Error> onError) {
        this.onError = onError;
        thread = threads.newThread(this::run);
    }

    /// @param onError is told when the Java machine itself fails a task: the loop ends, and the process must
    static EventLoop start(ThreadFactory threads, Consumer<Error> onError) {
        EventLoop loop = new EventLoop(threads, onError);
        loop.thread.start();
        return loop;
    }

    /// Adds a task. After the loop was stopped tasks are taken and never run.
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /// Has `turnEnd` run after each turn from now on. To be called by a task of this loop.
    void join(Runnable turnEnd) {
        turnEnds.add(turnEnd);
    }

    /// Ends the loop when all tasks added before have run, and waits for that.
    void stop() throws InterruptedException {
        execute(() -> stopped = true);
        thread.join();
    }

    private void run() {
        try {
            runTurns();
        } catch (Error e) {
            onError.accept(e);
            throw e;
        }
    }

    private void runTurns() {
        List<Runnable> turn = new ArrayList<>();
        while (!stopped) {
            try {
                turn.add(tasks.take());
            } catch (InterruptedException e) {
                LOG.error("an event loop was interrupted, which nobody may do", e);
                continue;
            }
            tasks.drainTo(turn);
            turn.forEach(EventLoop::runSafely);
            turn.clear();
            turnEnds.forEach(EventLoop::runSafely);
        }
    }

    /// A fault in one task must not take the other partitions of the loop down.
    private static void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a task of an event loop failed", e);
        }
    }
}
