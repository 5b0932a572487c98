package dev.credence.methods.training;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.Continuation;
import dev.credence.core.training.Objective;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Maximum likelihood of texts, round by round: Σ share · log π. Each round's texts come when it begins; steps take small
 * batches of them, or, where expectations are enumerated, all.
 */
final class ImitationTraining implements Training {
    private static final double MOST_RATIO = 5; // share over policy that an enumerated step may follow at full length
    private static final String STATE = "imitation";
    private static final double STILL = 1e-13; // change of a probability by a whole round
    private static final double MISSED = 1e-12;
    private static final double LEFT_BEHIND = 60; // nats

    private final TrainablePolicy policy;
    private final TrainingTask task;
    private final ImitationSource source;
    private final int rounds;
    private final int reported; // prompts of the task, its first, whose texts a step's figures are of
    private final TrainingSettings settings;
    private Imitated texts = new Imitated.Builder().build(0);
    private Map<Integer, int[]> order = Map.of();
    private final boolean whole; // steps that reach the shares at once
    private double missed = 1;
    private Pace pace;
    private long steps;
    private int round; // from 1 once begun
    private int taken; // steps of this round
    private long modelCalls;
    private boolean converged;

    ImitationTraining(
            TrainablePolicy policy, TrainingTask task, ImitationSource source, int rounds, TrainingSettings settings) {
        this(policy, task, source, rounds, task.prompts().size(), settings);
    }

    /** The same of a task whose first prompts alone are those of the model: behind the others it learns what is not asked for. */
    ImitationTraining(
            TrainablePolicy policy,
            TrainingTask task,
            ImitationSource source,
            int rounds,
            int reported,
            TrainingSettings settings) {
        this.policy = policy;
        this.task = task;
        this.source = source;
        this.rounds = rounds;
        this.reported = reported;
        this.settings = settings;
        this.pace = Pace.of(settings);
        this.whole = settings.population()
                && settings.optimiser().rule() == Optimiser.Rule.NATURAL
                && policy instanceof TabularPolicy;
    }

    /** Rounds of a method that are trained; without an end they are many, or, enumerated, until nothing changes. */
    static int rounds(ImitationMethod<?> method) {
        int rounds = method.plan(RewardType.SCORE).rounds();
        boolean endless = rounds == ImitationPlan.ENDLESS && !method.schedule().population();
        return endless ? ImitationMethod.TRAINED_ENDLESSLY : rounds;
    }

    /** Steps of each round but the last, which has what is left. */
    static int stepsOfRound(int steps, int rounds) {
        return Math.max(1, steps / rounds);
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        if (round == 0 || isRoundOver()) {
            begin(random);
        }
        int[] rows = settings.population() ? all() : batch();
        List<Continuation> batch = new ArrayList<>();
        double[] weight = new double[rows.length];
        double[] reward = new double[rows.length];
        for (int k = 0; k < rows.length; k++) {
            batch.add(texts.texts().get(rows[k]));
            reward[k] = texts.reward()[rows[k]];
            double share = settings.population() ? texts.share()[rows[k]] : 1.0 / settings.samples();
            weight[k] = task.prompts().get(texts.prompt()[rows[k]]).weight() * share;
        }
        int[] figured = IntStream.range(0, rows.length)
                .filter(k -> texts.prompt()[rows[k]] < reported)
                .toArray();
        double[][] reference = policy.reference()
                .logProbs(Arrays.stream(figured).mapToObj(batch::get).toList());
        StepReport report = policy.step(batch, whole ? wholeSteps(weight) : objective(batch, weight));
        double[] now =
                Arrays.stream(report.logProbs()).mapToDouble(Rollouts::sum).toArray();
        if (settings.population()) {
            pace.see(weight, now);
            missed = missed(batch, weight);
            converged |= isRoundOver() && round == rounds;
        }
        taken++;
        modelCalls += rows.length + figured.length;
        double kl = 0;
        double rewards = 0;
        double mass = 0;
        for (int i = 0; i < figured.length; i++) {
            int k = figured[i];
            kl += weight[k] * (now[k] - Rollouts.sum(reference[i]));
            rewards += weight[k] * reward[k];
            mass += weight[k];
        }
        return new TrainingStep(
                ++steps, rewards / mass, kl / mass, 0, report.gradientNorm(), Double.NaN, 0, modelCalls);
    }

    private boolean isRoundOver() {
        if (settings.population()) {
            return whole ? missed < MISSED : pace.isConverged();
        }
        return round < rounds && taken == stepsOfRound(settings.steps(), rounds);
    }

    private void begin(RandomGenerator random) {
        Imitated before = texts;
        texts = source.next(policy, random);
        texts = settings.population() ? texts.eachOnce() : texts;
        modelCalls += texts.modelCalls();
        round++;
        taken = 0;
        missed = 1;
        pace = Pace.of(settings);
        converged = settings.population() && isSame(before.share(), texts.share());
        if (!settings.population()) {
            int mine = stepsOfRound(settings.steps(), rounds);
            int left = round < rounds ? mine : settings.steps() - (rounds - 1) * mine;
            order = texts.order(Math.max(1, left) * settings.samples(), random);
        }
    }

    private static boolean isSame(double[] before, double[] now) {
        boolean same = before.length == now.length;
        for (int i = 0; same && i < now.length; i++) {
            same = Math.abs(before[i] - now[i]) < STILL;
        }
        return same;
    }

    private int[] all() {
        int[] rows = new int[texts.size()];
        Arrays.setAll(rows, i -> i);
        return rows;
    }

    private int[] batch() {
        int n = settings.samples();
        return order.values().stream()
                .flatMapToInt(own -> Arrays.stream(own, taken * n, (taken + 1) * n))
                .toArray();
    }

    /**
     * The objective whose natural gradient is the step from the policy to the shares at once: the natural gradient of
     * Σ share · log π is share/π − 1, and the step log share/π. What has no share is left behind by so much.
     */
    private Objective wholeSteps(double[] weight) {
        double rate = settings.optimiser().rate().at(0);
        return logProbs -> {
            double[][] weights = new double[logProbs.length][];
            for (int i = 0; i < weights.length; i++) {
                double own = Rollouts.sum(logProbs[i]);
                double mass = task.prompts().get(texts.prompt()[i]).weight() * Math.exp(own);
                weights[i] = new double[logProbs[i].length];
                double step = mass > 0 && weight[i] > 0 ? Math.log(weight[i]) - Math.log(mass) + LEFT_BEHIND : 0;
                Arrays.fill(weights[i], mass * step / rate);
            }
            return weights;
        };
    }

    /** Largest share of a prompt's mass that is not where it is to be. */
    private double missed(List<Continuation> batch, double[] weight) {
        double[] sums = new double[task.prompts().size()];
        double[][] now = policy.logProbs(batch);
        for (int i = 0; i < weight.length; i++) {
            int c = texts.prompt()[i];
            double share = weight[i] / task.prompts().get(c).weight();
            sums[c] += Math.max(0, share - Math.exp(Rollouts.sum(now[i])));
        }
        return Arrays.stream(sums).max().orElse(0);
    }

    private SequenceObjective objective(List<Continuation> batch, double[] weight) {
        double scale = settings.population() ? pace.scale() * shortened(batch, weight) : 1;
        return (i, logProbs) -> {
            double[] weights = new double[logProbs.length];
            Arrays.fill(weights, weight[i] * scale);
            return weights;
        };
    }

    /** Natural steps are as long as share over policy: a rare text that is to have all would be sent past every other. */
    private double shortened(List<Continuation> batch, double[] weight) {
        double[][] logProbs = policy.logProbs(batch);
        double most = MOST_RATIO;
        for (int i = 0; i < weight.length; i++) {
            most = Math.max(most, weight[i] * Math.exp(-Rollouts.sum(logProbs[i])));
        }
        return MOST_RATIO / most;
    }

    @Override
    public boolean isConverged() {
        return converged;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .wholes("round", round)
                .wholes("taken", taken)
                .wholes("converged", converged ? 1 : 0)
                .numbers("missed", missed)
                .wholes(
                        "order.prompts",
                        order.keySet().stream().mapToLong(c -> c).toArray())
                .wholes(
                        "order.rows",
                        order.values().stream()
                                .flatMapToInt(Arrays::stream)
                                .asLongStream()
                                .toArray());
        pace.save(state);
        texts.save(state);
        source.save(state);
        state.write(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        int savedRound = (int) state.whole("round");
        int savedTaken = (int) state.whole("taken");
        boolean savedConverged = state.whole("converged") != 0;
        Map<Integer, int[]> savedOrder = order(state.wholes("order.prompts"), state.wholes("order.rows"));
        double savedMissed = state.number("missed");
        Imitated savedTexts = Imitated.of(task, state);
        Runnable savedSource = source.restore(state);
        pace.restore(state).run();
        steps = savedSteps;
        modelCalls = savedCalls;
        round = savedRound;
        taken = savedTaken;
        converged = savedConverged;
        missed = savedMissed;
        order = savedOrder;
        texts = savedTexts;
        savedSource.run();
    }

    /** Each prompt's turns, of which all have as many. */
    private static Map<Integer, int[]> order(long[] prompts, long[] rows) {
        int each = prompts.length == 0 ? 0 : rows.length / prompts.length;
        Map<Integer, int[]> order = new TreeMap<>();
        for (int k = 0; k < prompts.length; k++) {
            int[] own = Arrays.stream(rows, k * each, (k + 1) * each)
                    .mapToInt(row -> (int) row)
                    .toArray();
            order.put((int) prompts[k], own);
        }
        return order;
    }
}
