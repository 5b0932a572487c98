package dev.credence.methods.training;

import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.training.FDpg.Divergence;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Ascends E_q[(π/q) (f'(1) − f'(π/p)) log π] over draws of a proposal q, p = π0 e^{λr}/Z. The proposal is the policy's anchor.
 * On enumerated texts q is the policy, Z exact, and steps are as long as they may be.
 */
final class FDpgTraining implements Training {
    private static final String STATE = "f-divergence";
    private static final double MOST = 10; // a weight counts no more, so that one rare text cannot undo a step
    private static final double FURTHEST = 0.5; // nats that an enumerated step may move a text by
    private static final double ARRIVED = 1e-11; // nats, largest |log π/p| on enumerated texts
    private static final int FITTED = 4096; // draws of each prompt that λ is fitted to
    private static final double FEWEST = 30; // of them that must be left when weighed
    private static final int WINDOW = 10; // steps that a better proposal is judged by
    private static final double ERRORS = 2; // standard errors that it must be better by

    private final TrainablePolicy policy;
    private final TrainingTask task;
    private final RolloutSource source;
    private final Divergence divergence;
    private final double mean; // wanted of the reward; NaN where the copies are known
    private final double[] copies; // (prompts) λ
    private final boolean enumerated;
    private final double rate;
    private final Pace pace;
    private double[] logSum; // (prompts) log of the sum of π0 e^{λr}/q over draws
    private double[] draws; // (prompts) their number
    private double[] gains = new double[0]; // (steps since the proposal, at most the window) KL(p‖q) − KL(p‖π), nats
    private long steps;
    private long modelCalls;
    private boolean arrived;

    /** Towards the posterior of so many copies of the reward. */
    static FDpgTraining atCopies(
            TrainablePolicy policy,
            TrainingTask task,
            Divergence divergence,
            double copies,
            TrainingSettings settings) {
        FDpgTraining training = new FDpgTraining(policy, task, divergence, Double.NaN, settings);
        Arrays.fill(training.copies, copies);
        return training;
    }

    /** Towards the nearest distribution to the prior with a mean reward, each prompt at its own λ. */
    static FDpgTraining atMean(TrainablePolicy policy, TrainingTask task, double mean, TrainingSettings settings) {
        return new FDpgTraining(policy, task, Divergence.KL, mean, settings);
    }

    private FDpgTraining(
            TrainablePolicy policy, TrainingTask task, Divergence divergence, double mean, TrainingSettings settings) {
        this.policy = policy;
        this.task = task;
        this.enumerated = settings.population();
        this.source = enumerated
                ? RolloutSource.enumerated(task, task.everyCompletion())
                : RolloutSource.drawn(task, settings.samples(), TrainablePolicy::anchor);
        this.divergence = divergence;
        this.mean = mean;
        this.copies = new double[task.prompts().size()];
        this.rate = settings.optimiser().rate().at(0);
        this.pace = Pace.of(settings, 1);
        this.logSum = new double[task.prompts().size()];
        this.draws = new double[task.prompts().size()];
        Arrays.fill(logSum, Double.NEGATIVE_INFINITY);
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        if (steps == 0 && !Double.isNaN(mean)) {
            fit(random);
        }
        Rollouts rollouts = source.next(policy, random);
        double[] proposed = sums(rollouts.drawnLogProbs()); // log q
        double[] joint = sums(rollouts.referenceLogProbs()); // log π0 e^{λr}
        Arrays.setAll(joint, i -> joint[i] + copies[rollouts.prompt()[i]] * rollouts.reward()[i]);
        addToPartition(rollouts, joint, proposed);
        double[] target = new double[joint.length]; // log p
        Arrays.setAll(target, i -> joint[i] - logPartition(rollouts.prompt()[i]));
        if (enumerated) {
            pace.see(rollouts);
        }
        StepReport report = policy.step(
                rollouts.batch(),
                enumerated ? paced(rollouts, target, proposed) : weighted(rollouts, target, proposed));
        double[] now = sums(report.logProbs()); // log π before the step
        modelCalls += 3L * rollouts.drawn();
        TrainingStep seen = seen(rollouts, target, proposed, now, report.gradientNorm());
        if (!enumerated) {
            judgeProposal(rollouts, target, proposed, now);
            if (!Double.isNaN(mean)) {
                refit(rollouts, target, proposed);
            }
        }
        return seen;
    }

    /** λ of each prompt by draws of the prior, weighed by e^{λr} over their sum, or by all its texts. */
    private void fit(RandomGenerator random) {
        Rollouts prior = (enumerated ? source : RolloutSource.drawn(task, FITTED, TrainablePolicy::reference))
                .next(policy, random);
        modelCalls += prior.drawn();
        for (int c = 0; c < copies.length; c++) {
            int ofPrompt = c;
            int[] rows = IntStream.range(0, prior.size())
                    .filter(i -> prior.prompt()[i] == ofPrompt)
                    .toArray();
            double[] reward =
                    Arrays.stream(rows).mapToDouble(i -> prior.reward()[i]).toArray();
            double[] logMass = Arrays.stream(rows)
                    .mapToDouble(i -> Math.log(prior.measure()[i]))
                    .toArray();
            TiltedFamily family = TiltedFamily.ofLog(logMass, reward);
            String prompt = "prompt '" + task.prompts().get(c).text() + "': ";
            if (!(family.minReward() < mean && mean < family.maxReward())) {
                throw new NoPosteriorException(prompt + "the mean reward " + mean + " is not between those of "
                        + rows.length + " texts of the prior, " + family.minReward() + " and " + family.maxReward());
            }
            copies[c] = family.lambdaAtMean(mean);
            double effective = effective(reward, prior, rows, copies[c]);
            if (!enumerated && effective < FEWEST) {
                throw new NoPosteriorException(prompt + "of " + FITTED + " texts of the prior "
                        + Math.round(effective) + " are left when weighed to the mean reward " + mean
                        + ": it is too far for their weights");
            }
        }
    }

    /** Newton's step on these draws' weights, as long as these draws are a share of all; d log Z/dλ is the mean reward. */
    private void refit(Rollouts rollouts, double[] target, double[] proposed) {
        double[][] sums = new double[copies.length][4]; // draws, Σ w, Σ w r, Σ w r²
        for (int i = 0; i < target.length; i++) {
            double[] own = sums[rollouts.prompt()[i]];
            double weight = rollouts.draws()[i] * Math.exp(target[i] - proposed[i]);
            own[0] += rollouts.draws()[i];
            own[1] += weight;
            own[2] += weight * rollouts.reward()[i];
            own[3] += weight * rollouts.reward()[i] * rollouts.reward()[i];
        }
        for (int c = 0; c < copies.length; c++) {
            double found = sums[c][2] / sums[c][1];
            double variance = sums[c][3] / sums[c][1] - found * found;
            if (variance > 0) {
                double step = (mean - found) / variance * sums[c][0] / (FITTED + draws[c]);
                copies[c] += step;
                logSum[c] += step * mean;
            }
        }
    }

    /** 1/Σ w² of draws, equal ones each counted. */
    private static double effective(double[] reward, Rollouts prior, int[] rows, double copies) {
        double top = IntStream.range(0, reward.length)
                .mapToDouble(k -> copies * reward[k])
                .max()
                .orElseThrow();
        double first = 0;
        double second = 0;
        for (int k = 0; k < reward.length; k++) {
            double weight = Math.exp(copies * reward[k] - top);
            first += prior.draws()[rows[k]] * weight;
            second += prior.draws()[rows[k]] * weight * weight;
        }
        return first * first / second;
    }

    private static double[] sums(double[][] logProbs) {
        return Arrays.stream(logProbs).mapToDouble(Rollouts::sum).toArray();
    }

    /** The mean of unbiased weights is unbiased, whichever proposal each was drawn from; all texts at once are exact. */
    private void addToPartition(Rollouts rollouts, double[] joint, double[] proposed) {
        if (enumerated) {
            Arrays.fill(logSum, Double.NEGATIVE_INFINITY);
            Arrays.fill(draws, 1);
        }
        double[] top = logSum.clone();
        for (int i = 0; i < joint.length; i++) {
            int c = rollouts.prompt()[i];
            top[c] = Math.max(top[c], joint[i] - (enumerated ? 0 : proposed[i]));
        }
        double[] sum = new double[top.length];
        Arrays.setAll(sum, c -> logSum[c] > Double.NEGATIVE_INFINITY ? Math.exp(logSum[c] - top[c]) : 0);
        for (int i = 0; i < joint.length; i++) {
            int c = rollouts.prompt()[i];
            sum[c] += rollouts.draws()[i] * Math.exp(joint[i] - (enumerated ? 0 : proposed[i]) - top[c]);
            draws[c] += enumerated ? 0 : rollouts.draws()[i];
        }
        Arrays.setAll(logSum, c -> top[c] + Math.log(sum[c]));
    }

    /** log Z of a prompt by all draws so far, nats. */
    double logPartition(int prompt) {
        return logSum[prompt] - Math.log(draws[prompt]);
    }

    private SequenceObjective weighted(Rollouts rollouts, double[] target, double[] proposed) {
        return (i, logProbs) -> {
            double own = Rollouts.sum(logProbs);
            double push = divergence.push(own - target[i]);
            double weight = Math.min(MOST, Math.exp(own - proposed[i])) * Math.max(-MOST, Math.min(MOST, push));
            return filled(logProbs.length, rollouts.measure()[i] * weight);
        };
    }

    /** Pushes that are alike near the posterior whatever the divergence, and none moves a text further than may be. */
    private SequenceObjective paced(Rollouts rollouts, double[] target, double[] own) {
        double[] push = new double[own.length];
        double furthest = 0;
        arrived = true;
        for (int i = 0; i < push.length; i++) {
            double logRatio = own[i] - target[i];
            // the kink of tv: pushes of the same signs that end with the distance
            double raw = divergence == Divergence.TV
                    ? -0.5 * Math.max(-1, Math.min(1, logRatio))
                    : divergence.push(logRatio);
            push[i] = Math.max(-MOST, Math.min(MOST, raw / divergence.curvature())); // the others must move, too
            if (rollouts.measure()[i] > 0 || target[i] > Double.NEGATIVE_INFINITY) {
                furthest = Math.max(furthest, Math.abs(push[i]));
                arrived &= Math.abs(logRatio) <= ARRIVED * (1 + Math.abs(target[i]));
            }
        }
        double length = Math.min(pace.scale(), FURTHEST / (rate * furthest));
        return (i, logProbs) -> filled(logProbs.length, rollouts.measure()[i] * push[i] * length);
    }

    private static double[] filled(int tokens, double weight) {
        double[] weights = new double[tokens];
        Arrays.fill(weights, weight);
        return weights;
    }

    private TrainingStep seen(Rollouts rollouts, double[] target, double[] proposed, double[] now, double norm) {
        double mass = 0;
        double reward = 0;
        double kl = 0;
        double entropy = 0;
        double apart = 0;
        for (int i = 0; i < now.length; i++) {
            double share = rollouts.measure()[i] * (enumerated ? 1 : Math.exp(now[i] - proposed[i]));
            if (share > 0) {
                mass += share;
                reward += share * rollouts.reward()[i];
                kl += share * (now[i] - Rollouts.sum(rollouts.referenceLogProbs()[i]));
                entropy -= share * now[i];
            }
            double ofTarget = rollouts.measure()[i] * Math.exp(target[i] - proposed[i]);
            apart += ofTarget > 0 ? ofTarget * divergence.term(now[i] - target[i]) : 0;
        }
        return new TrainingStep(
                ++steps,
                reward / mass,
                kl / mass,
                0,
                norm,
                1 / Arrays.stream(copies).average().orElseThrow(),
                0,
                modelCalls,
                TrainingStep.Signals.of(enumerated ? Math.min(apart, Double.MAX_VALUE) : apart, entropy / mass));
    }

    /** Makes the policy the proposal where it is nearer to the posterior, surely, by the last steps' draws. */
    private void judgeProposal(Rollouts rollouts, double[] target, double[] proposed, double[] now) {
        double[] mass = new double[draws.length];
        double[] gain = new double[draws.length];
        double[] share = new double[draws.length];
        for (int i = 0; i < now.length; i++) {
            int c = rollouts.prompt()[i];
            double weight = rollouts.measure()[i] * Math.exp(target[i] - proposed[i]);
            mass[c] += weight;
            gain[c] += weight > 0 ? weight * (now[i] - proposed[i]) : 0;
            share[c] += rollouts.measure()[i];
        }
        double mean = 0;
        for (int c = 0; c < mass.length; c++) {
            mean += mass[c] > 0 ? share[c] * gain[c] / mass[c] : 0;
        }
        int from = gains.length == WINDOW ? 1 : 0;
        gains = Arrays.copyOf(Arrays.copyOfRange(gains, from, gains.length), gains.length - from + 1);
        gains[gains.length - 1] = mean;
        if (gains.length == WINDOW && isSurelyPositive(gains)) {
            policy.moveAnchor();
            gains = new double[0];
        }
    }

    private static boolean isSurelyPositive(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double square = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return mean > ERRORS * Math.sqrt(square / (values.length * (values.length - 1.0)));
    }

    @Override
    public boolean isConverged() {
        return enumerated && (arrived || pace.isConverged());
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .wholes("arrived", arrived ? 1 : 0)
                .numbers("copies", copies)
                .numbers("log-sum", logSum)
                .numbers("draws", draws)
                .numbers("gains", gains);
        pace.save(state);
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        boolean savedArrived = state.whole("arrived") != 0;
        double[] savedCopies = state.numbers("copies", copies.length);
        double[] savedSum = state.numbers("log-sum", logSum.length);
        double[] savedDraws = state.numbers("draws", draws.length);
        double[] savedGains = state.numbers("gains");
        pace.restore(state).run();
        steps = savedSteps;
        modelCalls = savedCalls;
        arrived = savedArrived;
        System.arraycopy(savedCopies, 0, copies, 0, copies.length);
        logSum = savedSum;
        draws = savedDraws;
        gains = savedGains;
    }
}
