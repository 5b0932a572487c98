package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.util.Arrays;

/**
 * How far the steps of an enumerated training go: longer while the direction holds, shorter where it turns back or a text
 * moves by more than half a nat, so that the limit is reached and not circled.
 */
final class Pace {
    private static final double FURTHEST = 0.5; // nats a step
    private static final double STILL = 1e-13; // nats, mean change a step of standard length

    private final boolean adapts;
    private double scale = 1;
    private double[] last = {};
    private double[] lastChange = {};
    private boolean converged;

    private Pace(boolean adapts) {
        this.adapts = adapts;
    }

    /** As the settings say: paced with the natural gradient on enumerated texts. */
    static Pace of(TrainingSettings settings) {
        return new Pace(settings.population() && settings.optimiser().rule() == Optimiser.Rule.NATURAL);
    }

    /** Steps of the length that the optimiser gives them. */
    static Pace even() {
        return new Pace(false);
    }

    /** Adds what it holds to a state. */
    void save(SavedState state) {
        state.numbers("pace.scale", scale)
                .wholes("pace.converged", converged ? 1 : 0)
                .numbers("pace.last", last)
                .numbers("pace.change", lastChange);
    }

    /** What a state has of it, as an action that cannot fail. */
    Runnable restore(SavedState state) throws IOException {
        double savedScale = state.number("pace.scale");
        boolean savedConverged = state.whole("pace.converged") != 0;
        double[] savedLast = state.numbers("pace.last");
        double[] savedChange = state.numbers("pace.change");
        return () -> {
            scale = savedScale;
            converged = savedConverged;
            last = savedLast;
            lastChange = savedChange;
        };
    }

    /** Begins anew, where what is ascended has changed. */
    void restart() {
        scale = 1;
        last = new double[0];
        lastChange = new double[0];
        converged = false;
    }

    double scale() {
        return scale;
    }

    boolean isConverged() {
        return converged;
    }

    /** Looks at where the last step led. */
    void see(Rollouts rollouts) {
        double[] now = new double[rollouts.size()];
        Arrays.setAll(now, i -> Rollouts.sum(rollouts.drawnLogProbs()[i]));
        see(rollouts.measure(), now);
    }

    /**
     * Looks at where the last step led.
     *
     * @param measure (n) mass of each text; those without any do not count
     * @param now (n) their log-probabilities, or log-ratios
     */
    void see(double[] measure, double[] now) {
        double[] change = new double[now.length];
        double total = 0;
        double furthest = 0;
        double turn = 0;
        for (int i = 0; i < now.length; i++) {
            if (last.length == now.length && measure[i] > 0) {
                change[i] = now[i] - last[i];
                total += measure[i] * Math.abs(change[i]);
                furthest = Math.max(furthest, Math.abs(change[i]));
                turn += lastChange.length == now.length ? measure[i] * change[i] * lastChange[i] : 0;
            }
        }
        if (last.length == now.length && adapts) {
            converged = total < STILL * Math.min(1, scale);
            scale = furthest > FURTHEST || turn < 0 ? scale / 2 : Math.min(scale * 1.1, 1e6);
        }
        last = now;
        lastChange = change;
    }
}
