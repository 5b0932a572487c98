package dev.credence.torch.tensors;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help a caller with work of some microseconds a piece. They look for the next round a while before they sleep, since
 * to be woken takes as long as many a piece does; the caller takes pieces too.
 */
final class Crew {
    private static final long LOOKS = 200_000; // nanoseconds before a thread sleeps

    private final Member[] members;
    private final AtomicBoolean busy = new AtomicBoolean();

    /**
     * Threads that start at once and end with the process.
     *
     * @param others how many beside the caller
     * @param threads makes them
     */
    Crew(int others, ThreadFactory threads) {
        members = new Member[others];
        for (int i = 0; i < others; i++) {
            Member member = new Member();
            members[i] = member;
            member.thread = threads.newThread(member);
            member.thread.start();
        }
    }

    /**
     * Does n pieces; the first failure is thrown once all have stopped.
     *
     * @return whether it did: not where the threads are helping another caller already, or this one within a piece of its own
     */
    boolean run(int n, IntConsumer piece) {
        if (!busy.compareAndSet(false, true)) {
            return false;
        }
        Round round = new Round(n, piece, Thread.currentThread());
        try {
            for (int i = 0; i < Math.min(members.length, n - 1); i++) {
                members[i].begin(round);
            }
            round.help();
            round.await();
        } finally {
            busy.set(false);
        }
        round.check();
        return true;
    }

    /** Pieces that are done by whoever is free. */
    private static final class Round {
        private final int n;
        private final IntConsumer piece;
        private final Thread caller;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile boolean sleeps;

        Round(int n, IntConsumer piece, Thread caller) {
            this.n = n;
            this.piece = piece;
            this.caller = caller;
        }

        void help() {
            for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
                try {
                    if (failure.get() == null) {
                        piece.accept(i);
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    if (done.incrementAndGet() == n && sleeps) {
                        LockSupport.unpark(caller);
                    }
                }
            }
        }

        void await() {
            long until = System.nanoTime() + LOOKS;
            boolean interrupted = false;
            while (done.get() < n) {
                if (System.nanoTime() < until) {
                    Thread.onSpinWait();
                } else {
                    sleeps = true;
                    if (done.get() < n) {
                        LockSupport.park(this);
                    }
                    interrupted |= Thread.interrupted();
                }
            }
            if (interrupted) {
                caller.interrupt();
            }
        }

        void check() {
            Throwable thrown = failure.get();
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
        }
    }

    /** One of the threads. */
    private static final class Member implements Runnable {
        private final AtomicReference<@Nullable Round> given = new AtomicReference<>();
        private volatile boolean sleeps;
        private @Nullable Thread thread;

        void begin(Round round) {
            given.set(round);
            if (sleeps) {
                LockSupport.unpark(thread);
            }
        }

        @Override
        public void run() {
            while (true) {
                take().help();
            }
        }

        private Round take() {
            long until = System.nanoTime() + LOOKS;
            while (true) {
                Round round = given.getAndSet(null);
                if (round != null) {
                    sleeps = false;
                    return round;
                }
                if (System.nanoTime() < until) {
                    Thread.onSpinWait();
                } else {
                    sleeps = true;
                    if (given.get() == null) {
                        LockSupport.park(this);
                    }
                }
            }
        }
    }
}
