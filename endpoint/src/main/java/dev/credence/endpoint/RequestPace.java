package dev.credence.endpoint;

import java.util.concurrent.TimeUnit;

/** Requests of all threads, no two closer together than a limit of requests a second lets them be. */
final class RequestPace {
    private final double apart; // nanoseconds between two
    private double next; // when the next one may go, nanoseconds since the first look at the clock
    private final long start = System.nanoTime();

    RequestPace(double rate) {
        this.apart = 1e9 / rate; // 0 where there is no limit
    }

    /** Waits for this request's turn. */
    void await() throws InterruptedException {
        if (apart > 0) {
            TimeUnit.NANOSECONDS.sleep(turn());
        }
    }

    private synchronized long turn() {
        double now = System.nanoTime() - start;
        double own = Math.max(now, next);
        next = own + apart;
        return (long) Math.ceil(own - now);
    }
}
