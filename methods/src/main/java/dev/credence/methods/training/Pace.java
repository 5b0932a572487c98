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
    private static final double SHARE = 0.5; // of the way to the limit, of the first step
    private static final double STILL = 1e-13; // nats, mean change a step of standard length

    private final boolean adapts;
    private final double first;
    private double scale;
    private double[] last = {};
    private double[] lastChange = {};
    private boolean converged;

    private Pace(boolean adapts, double first) {
        this.adapts = adapts;
        this.first = first;
        this.scale = first;
    }

    /** As the settings say: paced with the natural gradient on enumerated texts. */
    static Pace of(TrainingSettings settings) {
        return of(settings, 0);
    }

    /**
     * As the settings say, of what is held back: a natural step of length η under a penalty β goes η β of the way to the limit,
     * and beyond twice the way each step leads farther off.
     *
     * @param settings of the training
     * @param penalty coefficient of what holds back
     */
    static Pace of(TrainingSettings settings, double penalty) {
        boolean adapts = settings.population() && settings.optimiser().rule() == Optimiser.Rule.NATURAL;
        double rate = settings.optimiser().rate().at(0);
        return new Pace(adapts, adapts ? Math.min(1, SHARE / (rate * penalty)) : 1);
    }

    /** Steps of the length that the optimiser gives them. */
    static Pace even() {
        return new Pace(false, 1);
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
        scale = first;
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
