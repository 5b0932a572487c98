package dev.credence.lab.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.ArrayList;
import java.util.List;

/** How long draws take, and how many of those that are wanted fit into the time that is left. */
final class DrawClock {
    private static final int STEP = 256;

    /** What draws beyond the samples may cost that nobody set a time for, in what the samples cost: a busy machine slows both. */
    private static final double BEYOND = 4;

    private final RolloutRun.Limits limits;
    private final long start = System.nanoTime();
    private final double[] seconds = new double[3]; // by source
    private final long[] texts = new long[3];
    private double samples; // seconds for them
    private double beyond; // seconds for draws beyond them

    DrawClock(RolloutRun.Limits limits) {
        this.limits = limits;
    }

    /** Seconds since the beginning. */
    double elapsed() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Takes note of how long texts took; of a round that was drawn before there are none. */
    void took(DrawRound.Target target, int count, double time) {
        seconds[target.source()] += time;
        texts[target.source()] += Math.max(0, count);
        samples += isBeyond(target) ? 0 : time;
        beyond += isBeyond(target) ? time : 0;
    }

    /** Seconds for further draws beyond the samples: to the budget; where none is set, as long as they cost little. */
    private double leftBeyond(double plain) {
        return limits.seconds() < Double.POSITIVE_INFINITY
                ? limits.seconds() - elapsed() - plain
                : Math.max(limits.thinnedSeconds() - elapsed(), BEYOND * (samples + plain) - beyond);
    }

    /**
     * Cuts a round to the time that is left: all draws to {@link RolloutRun.Limits#seconds}; where there is no such limit those
     * beyond the samples to {@link RolloutRun.Limits#thinnedSeconds}, or to four times what the samples took if that is more.
     *
     * @param targets what is wanted
     * @param drawn how many there are of each
     * @return what fits of it, nothing where none does
     */
    List<DrawRound.Target> fitting(List<DrawRound.Target> targets, List<Integer> drawn) {
        double plain = 0;
        double thinned = 0;
        for (int i = 0; i < targets.size(); i++) {
            double time = time(targets.get(i), drawn.get(i));
            plain += isBeyond(targets.get(i)) ? 0 : time;
            thinned += isBeyond(targets.get(i)) ? time : 0;
        }
        double left = limits.seconds() - elapsed();
        double plainShare = share(left, plain);
        double thinnedShare = share(leftBeyond(plain), thinned);
        List<DrawRound.Target> fitting = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            DrawRound.Target target = targets.get(i);
            int to = cut(target, drawn.get(i), isBeyond(target) ? thinnedShare : plainShare);
            if (to > drawn.get(i)) {
                fitting.add(new DrawRound.Target(target.prompt(), target.source(), to, target.rule()));
            }
        }
        return fitting;
    }

    private static int cut(DrawRound.Target target, int drawn, double share) {
        if (share >= 1) {
            return target.to();
        }
        int to = drawn + (int) (share * (target.to() - drawn));
        return target.rule().keepsAll() ? to : to / STEP * STEP;
    }

    /** What was not timed yet is begun, however little time there was: a log has a record. */
    private static double share(double left, double needed) {
        return needed <= Math.max(0, left) ? 1 : Math.max(0, left / needed);
    }

    /** Draws of the prior that nobody counts as samples. */
    private boolean isBeyond(DrawRound.Target target) {
        return target.source() == RolloutLog.PRIOR && limits.draws() == 0 && target.to() > limits.samples();
    }

    private double time(DrawRound.Target target, int drawn) {
        byte source = target.source();
        return texts[source] == 0 ? 0 : seconds[source] / texts[source] * (target.to() - drawn);
    }
}
