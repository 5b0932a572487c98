package dev.credence.methods.training;

import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A preference method on all pairs of a table's texts, to where its gradient is zero (docs/theory.md#population). DPO and IPO are
 * concave in the log-ratios ℓ and pull at pairs: their steps are where all pairs come to rest at once, which has a formula. KTO
 * pulls at single texts, with a force that fades as a text is driven out.
 */
final class PreferenceLimit implements Training {
    private static final String STATE = "preference limit";
    private static final double STILL = 1e-12; // of the first gradient
    private static final double FADED = 1e-9; // the same, where texts are driven out without end
    private static final double FURTHEST = 0.5; // nats a step, of texts that are not driven out
    private static final double SHORTEST = 1e-9;
    private static final double LONGEST = 1e30;
    private static final double DEEPEST = 1e7; // nats, DPO's longest step down
    private static final double LEFT_BEHIND = -5; // widths of KTO's bend
    private static final int PATIENCE = 10_000; // of KTO: its losers leave first, then the winners settle
    private static final int ROUNDING = 3; // steps that bring it no nearer, where one leads to the limit

    private final TrainablePolicy policy;
    private final AllPairs pairs;
    private final Pairs texts;
    private final int[] prompt;
    private final double[] weight; // (prompts)
    private final Preference.Loss loss;
    private final double beta;
    private final double rate;
    private final double[] wins;
    private double first = Double.NaN;
    private double least = Double.POSITIVE_INFINITY;
    private double time;
    private double[] lastStep = {}; // KTO's, before it is shortened
    private double reach = 1; // share of a step that is taken, where forces turn
    private double gradient = Double.POSITIVE_INFINITY; // summed over texts, without signs
    private double value; // KTO's
    private long idle;
    private long steps;
    private long modelCalls;

    private PreferenceLimit(
            TrainablePolicy policy, TrainingTask task, AllPairs pairs, Preference.Loss loss, double beta, double rate) {
        this.policy = policy;
        this.pairs = pairs;
        this.texts = pairs.alone();
        this.loss = loss;
        this.beta = beta;
        this.rate = rate;
        this.time = rate;
        this.weight =
                task.prompts().stream().mapToDouble(TrainingTask.Prompt::weight).toArray();
        this.prompt = texts.texts().stream().mapToInt(text -> text.prompt()[0]).toArray();
        this.wins = loss == Preference.Loss.DPO ? new double[0] : pairs.wins();
    }

    /** One for a policy and settings, where they run to the limit on a table by natural steps; else null. */
    static @Nullable PreferenceLimit of(
            TrainablePolicy policy, TrainingTask task, TrainingSettings settings, Preference.Loss loss, double beta) {
        boolean natural = settings.optimiser().rule() == Optimiser.Rule.NATURAL;
        TrainingTask.Enumeration enumeration = task.enumeration();
        if (!(settings.population() && natural && policy instanceof TabularPolicy) || enumeration == null) {
            return null;
        }
        AllPairs pairs = new PairSource(task, policy.reference()).enumerated(enumeration);
        return new PreferenceLimit(
                policy, task, pairs, loss, beta, settings.optimiser().rate().at(0));
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        double[][] seen = {{}};
        double[] norm = {0};
        StepReport report = policy.step(texts.texts(), logProbs -> {
            double[] ratios = texts.logRatios(logProbs);
            seen[0] = ratios;
            double[] step = switch (loss) {
                case DPO -> paired(ratios, norm);
                case IPO -> squared(ratios, norm);
                case KTO -> single(ratios, norm);
            };
            double[][] weights = new double[step.length][];
            for (int i = 0; i < step.length; i++) {
                double mass = weight[prompt[i]] * Math.exp(Rollouts.sum(logProbs[i]));
                weights[i] = new double[logProbs[i].length];
                Arrays.fill(weights[i], mass * step[i] / rate);
            }
            return weights;
        });
        modelCalls += texts.texts().size();
        double kl = 0;
        double entropy = 0;
        for (int i = 0; i < seen[0].length; i++) {
            double mass = weight[prompt[i]] * Math.exp(Rollouts.sum(report.logProbs()[i]));
            kl += mass > 0 ? mass * seen[0][i] : 0;
            entropy -= mass > 0 ? mass * Rollouts.sum(report.logProbs()[i]) : 0;
        }
        TrainingStep.Signals signals = TrainingStep.Signals.of(descended(seen[0]), entropy);
        double shown = Double.isFinite(report.gradientNorm()) ? norm[0] : report.gradientNorm();
        return new TrainingStep(++steps, Double.NaN, kl, 0, shown, beta, 0, modelCalls, signals);
    }

    /**
     * DPO's step. Each pair gives way like a spring, of any strength, and rests at the gap (r_1 − r_2)/β. As these gaps are differences
     * of one potential, r/β, all springs come to rest together where ℓ is that potential but for a constant a prompt: what the
     * pairs add up to needs no solving. Whether the pull is zero there is looked at pair by pair.
     */
    private double[] paired(double[] ratios, double[] norm) {
        measured(pairs.sums(this::logistic, ratios), norm);
        double[] step = new double[ratios.length];
        if (isConverged()) {
            return step;
        }
        double[] share = pairs.shares();
        double[] reward = pairs.rewards();
        double[] best = new double[weight.length];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < step.length; i++) {
            best[prompt[i]] = Math.max(best[prompt[i]], share[i] > 0 ? reward[i] : Double.NEGATIVE_INFINITY);
        }
        for (int i = 0; i < step.length; i++) { // from the best text, so that what is far below costs it no digits
            double below = (reward[i] - best[prompt[i]]) / beta;
            step[i] = share[i] > 0 ? Math.max(-DEEPEST, below - ratios[i]) : 0;
        }
        return step;
    }

    /**
     * IPO's step. Its springs are all alike, so that what they add up to needs no pairs: with M the mass of a prompt's prior and w
     * what a text wins, the pull is −2 π0 (M (ℓ − mean ℓ) − w/2β), at rest where ℓ = w/(2βM).
     */
    private double[] squared(double[] ratios, double[] norm) {
        double[] share = pairs.shares();
        double[] mass = masses(share);
        double[] mean = means(share, ratios);
        double[] pull = new double[share.length];
        double[] step = new double[share.length];
        for (int i = 0; i < share.length; i++) {
            int c = prompt[i];
            if (share[i] > 0) {
                step[i] = wins[i] / (2 * beta * mass[c]) - (ratios[i] - mean[c]);
                pull[i] = 2 * share[i] * mass[c] * step[i];
            }
        }
        measured(pull, norm);
        return isConverged() ? new double[step.length] : step;
    }

    /** IPO's squares over all pairs, added up without them. */
    private double squares(double[] ratios) {
        double[] share = pairs.shares();
        double[] mass = masses(share);
        double[] mean = means(share, ratios);
        double sum = 0;
        for (int i = 0; i < share.length; i++) {
            int c = prompt[i];
            if (share[i] > 0) {
                double off = ratios[i] - mean[c];
                double others = (mass[c] - share[i] / weight[c]) / (8 * beta * beta);
                sum += share[i] * (mass[c] * off * off - wins[i] * off / beta + others);
            }
        }
        return sum;
    }

    /** (prompts) mass of the prior's texts, each prompt's by itself. */
    private double[] masses(double[] share) {
        double[] mass = new double[weight.length];
        for (int i = 0; i < share.length; i++) {
            mass[prompt[i]] += share[i] / weight[prompt[i]];
        }
        return mass;
    }

    /** (prompts) mean log-ratio under the prior. */
    private double[] means(double[] share, double[] ratios) {
        double[] mean = new double[weight.length];
        double[] total = new double[weight.length];
        for (int i = 0; i < share.length; i++) {
            mean[prompt[i]] += share[i] > 0 ? share[i] * ratios[i] : 0;
            total[prompt[i]] += share[i];
        }
        Arrays.setAll(mean, c -> mean[c] / total[c]);
        return mean;
    }

    /** DPO's derivative by ℓ_1 − ℓ_2 over both outcomes of a pair: small differences of small numbers, each to full precision. */
    private double logistic(double logit, double gap) {
        return beta * (chance(logit) * chance(-beta * gap) - chance(-logit) * chance(beta * gap));
    }

    private static double chance(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    /** KTO's step, in the prior's metric, implicit in each text's own force and in the softmax that holds it. */
    private double[] single(double[] ratios, double[] norm) {
        int n = ratios.length;
        double z = 0;
        double mass = 0;
        double losing = 0; // mass of the texts that are driven out
        for (int i = 0; i < n; i++) {
            double own = pairs.policyMass(i, ratios[i]);
            z += own > 0 ? own * ratios[i] : 0;
            mass += own;
            losing += wins[i] < 0 ? own : 0;
        }
        z = Math.max(0, z / mass);
        double[] share = pairs.shares();
        double[] force = new double[n];
        boolean[] leaves = new boolean[n];
        double[] held = new double[weight.length];
        for (int i = 0; i < n; i++) {
            double s = chance(beta * (ratios[i] - z));
            boolean there = pairs.policyMass(i, ratios[i]) > 0; // else gone as far as doubles go
            force[i] = there ? wins[i] * beta * s * (1 - s) : 0;
            held[prompt[i]] += share[i] * force[i] / weight[prompt[i]];
        }
        for (int i = 0; i < n; i++) { // winners that stayed far below the bend are left behind, and leave as losers do
            double up = Math.exp(Math.min(700, ratios[i])) * held[prompt[i]];
            leaves[i] = wins[i] < 0 || (beta * (ratios[i] - z) < LEFT_BEHIND && force[i] < up);
            losing += leaves[i] && wins[i] >= 0 ? pairs.policyMass(i, ratios[i]) : 0;
        }
        double[] pull = new double[n];
        double[] step = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double up = Math.exp(Math.min(700, ratios[i])) * held[prompt[i]];
            double s = chance(beta * (ratios[i] - z));
            sum += share[i] * ((1 + wins[i]) * s + (1 - wins[i]) * (1 - s)) / 2;
            double stiff = Math.max(0, -force[i] * beta * (1 - 2 * s))
                    + Math.max(0, up)
                    + (isGone(leaves[i], ratios[i] - z) ? Double.MIN_NORMAL : 1 / time);
            double most = furthest(leaves[i], ratios[i] - z, losing);
            pull[i] = share[i] * (force[i] - up);
            step[i] = share[i] > 0 ? Math.max(-most, Math.min(most, (force[i] - up) / stiff)) : 0;
        }
        value = sum;
        measured(pull, norm);
        double turn = 0; // whether the last step went too far, by what it left the policy to do
        for (int i = 0; i < n; i++) {
            turn += lastStep.length == n && !isGone(leaves[i], ratios[i] - z)
                    ? (share[i] + pairs.policyMass(i, ratios[i])) * step[i] * lastStep[i]
                    : 0;
        }
        lastStep = step.clone();
        reach = turn < 0 ? Math.max(SHORTEST, reach / 2) : Math.min(1, 1.2 * reach);
        time = turn < 0 ? Math.max(time / 2, rate) : Math.min(2 * time, LONGEST);
        for (int i = 0; i < n; i++) {
            step[i] *= isGone(leaves[i], ratios[i] - z) ? 1 : reach;
        }
        return step;
    }

    /** Whether a text leaves and is beyond the bend: how it goes on leaving turns no force but its own, which falls with it. */
    private boolean isGone(boolean leaves, double fromBend) {
        return leaves && beta * fromBend < LEFT_BEHIND;
    }

    /**
     * How far KTO's text may go in a step: 1/β nats, as wide as the bend of its value is; a text that leaves, beyond the bend, half the way it
     * is away, as far as that moves the mean log-ratio by no more than the bend's width.
     */
    private double furthest(boolean leaves, double fromBend, double losing) {
        if (leaves && fromBend < 0) {
            return Math.max(1 / beta, Math.min(-fromBend / 2, 1 / (beta * losing)));
        }
        return Math.min(FURTHEST, 1 / beta);
    }

    private void measured(double[] pull, double[] norm) {
        double sum = 0;
        double square = 0;
        for (double each : pull) {
            sum += Math.abs(each);
            square += each * each;
        }
        norm[0] = Math.sqrt(square);
        gradient = sum;
        first = Double.isNaN(first) ? sum : first;
        idle = sum < 0.9 * least ? 0 : idle + 1;
        least = Math.min(least, sum);
    }

    /** What is minimised, as {@link PreferenceLoss} has it. */
    private double descended(double[] ratios) {
        return switch (loss) {
            case DPO -> pairs.mean((logit, gap) -> chance(logit) * softplus(-beta * gap), ratios);
            case IPO -> squares(ratios);
            case KTO -> -value;
        };
    }

    private static double softplus(double x) {
        return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
    }

    @Override
    public boolean isConverged() {
        return gradient <= (loss == Preference.Loss.KTO ? FADED : STILL) * first;
    }

    @Override
    public boolean isStalled() {
        return idle >= (loss == Preference.Loss.KTO ? PATIENCE : ROUNDING);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState.of(STATE)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .wholes("idle", idle)
                .numbers("figures", first, least, time, gradient, reach)
                .numbers("last-step", lastStep)
                .write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        long savedIdle = state.whole("idle");
        double[] figures = state.numbers("figures", 5);
        double[] savedStep = state.numbers("last-step");
        steps = savedSteps;
        modelCalls = savedCalls;
        idle = savedIdle;
        first = figures[0];
        least = figures[1];
        time = figures[2];
        gradient = figures[3];
        reach = figures[4];
        lastStep = savedStep;
    }
}
