package dev.credence.torch.tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Threads that each run whole pieces of work. libtorch itself uses one thread in each: pieces share nothing, so nobody
 * waits at the end of every small operation, and a figure does not depend on how many threads there are.
 */
public final class Workers {
    private final ExecutorService threads;
    private final int count;
    private @Nullable Crew crew; // made when it is first needed

    public Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count, this::thread);
    }

    private Thread thread(Runnable task) {
        Thread thread = new Worker(task, this);
        thread.setDaemon(true);
        return thread;
    }

    /** A thread that knows whose it is. */
    private static final class Worker extends Thread {
        private final Workers of;

        Worker(Runnable task, Workers of) {
            super(task, "credence-torch");
            this.of = of;
        }
    }

    public int count() {
        return count;
    }

    /** Whether it is one of these threads that asks: what it has done, it does itself. */
    public boolean isWorking() {
        return Thread.currentThread() instanceof Worker worker && worker.of == this;
    }

    /**
     * The results of n pieces of work, in order; the first failure is thrown once all have stopped. A piece that has work of its
     * own done does it itself: were it to wait for the others, all could wait for each other.
     */
    public <T> List<T> map(int n, IntFunction<T> piece) {
        if (isWorking()) {
            return IntStream.range(0, n).mapToObj(piece).toList();
        }
        List<Future<T>> futures = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int index = i;
            futures.add(threads.submit(() -> piece.apply(index)));
        }
        List<T> results = new ArrayList<>(n);
        RuntimeException failure = null;
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                futures.forEach(other -> other.cancel(false));
                failure = failure == null ? unwrap(e) : failure;
            } catch (CancellationException e) {
                failure = failure == null ? e : failure; // never the first: what failed before it is thrown
            } catch (InterruptedException e) {
                futures.forEach(other -> other.cancel(false));
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    /**
     * Does n pieces of work that take microseconds each; the caller takes pieces too, and whoever is free takes the next. The first failure
     * is thrown once all have stopped. Where others are calling, or a worker, the caller does all of them.
     */
    public void share(int n, IntConsumer piece) {
        if (n < 2 || count == 1 || isWorking() || !crew().run(n, piece)) {
            for (int i = 0; i < n; i++) {
                piece.accept(i);
            }
        }
    }

    private synchronized Crew crew() {
        if (crew == null) {
            crew = new Crew(count - 1, this::thread);
        }
        return crew;
    }

    private static RuntimeException unwrap(ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e.getCause());
    }
}
