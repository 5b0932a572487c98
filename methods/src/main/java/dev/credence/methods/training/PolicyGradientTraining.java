package dev.credence.methods.training;

import dev.credence.core.training.Objective;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Rollouts, then so many updates of a surrogate on them; in stages, where the penalty's reference moves. */
final class PolicyGradientTraining implements Training {
    private static final String STATE = "policy gradient";

    private final TrainablePolicy policy;
    private final RolloutSource source;
    private final Plan plan;
    private final Pace pace;
    private final @Nullable LimitSearch search;
    private final @Nullable ValueHead head;
    private final RunningValues values = new RunningValues();
    private Surrogate surrogate;
    private long steps;
    private long modelCalls;
    private final double[] bracket = {0, Double.POSITIVE_INFINITY}; // of the coefficient whose limit has the KL

    PolicyGradientTraining(TrainablePolicy policy, RolloutSource source, Plan plan, Pace pace) {
        this(policy, source, plan, pace, null, null);
    }

    /** By steps of a search, where there is one, else at a pace; with values of states, where the baseline is theirs. */
    PolicyGradientTraining(
            TrainablePolicy policy,
            RolloutSource source,
            Plan plan,
            Pace pace,
            @Nullable LimitSearch search,
            @Nullable ValueHead head) {
        this.policy = policy;
        this.source = source;
        this.plan = plan;
        this.surrogate = plan.surrogate();
        this.pace = pace;
        this.search = search;
        this.head = head;
    }

    /**
     * What is done with rollouts.
     *
     * @param surrogate ascended, with the coefficient it begins with
     * @param epochs updates on each batch of rollouts
     * @param adaptive how the coefficient goes on
     * @param resets when the penalty's reference moves
     */
    record Plan(Surrogate surrogate, int epochs, AdaptiveKl adaptive, ReferenceReset resets) {
        /** One update a batch, and nothing that changes. */
        static Plan of(Surrogate surrogate) {
            return new Plan(surrogate, 1, AdaptiveKl.NONE, ReferenceReset.NEVER);
        }
    }

    /** The last update, and where each but the first had begun and the last has led: KL from the policy that drew, nats. */
    private record Updates(StepReport last, List<Double> movedKl) {}

    @Override
    public TrainingStep step(RandomGenerator random) {
        if (plan.resets.isDueAfter(steps)) {
            policy.moveAnchor();
            pace.restart();
            if (search != null) {
                search.restart();
            }
        }
        Rollouts rollouts = source.next(policy, random);
        if (search != null && steps == 0) {
            surrogate = surrogate.withBeta(plan.adaptive.first(surrogate.beta(), range(rollouts)));
        }
        Rollouts held = rollouts; // what the penalty sees: `kl` stays that from the prior
        if (plan.resets.isMovedAfter(steps)) {
            held = rollouts.against(policy.anchor().logProbs(rollouts.batch()), policy.rounding());
            modelCalls += rollouts.drawn();
        }
        pace.see(rollouts);
        ValueHead.Seen seenByHead = head == null ? null : head.see(held, surrogate);
        SurrogateObjective objective = objective(held, seenByHead);
        Objective ascended = search == null ? objective : search.step(rollouts.prompt(), objective);
        Updates updates = update(rollouts, ascended);
        TrainingStep.Signals signals = signals(held, updates).with(RolloutConditional.of(policy, rollouts));
        if (head != null && seenByHead != null) {
            signals = signals.withValueError(seenByHead.error());
            for (int epoch = 0; epoch < plan.epochs; epoch++) {
                head.step(rollouts, seenByHead);
            }
            modelCalls += rollouts.drawn() * (1L + plan.epochs);
        }
        TrainingStep seen = new TrainingStep(
                ++steps,
                rollouts.mean(rollouts.reward()),
                rollouts.mean(rollouts.logRatios()),
                rollouts.movedKl(updates.last.logProbs()),
                search == null ? updates.last.gradientNorm() : search.gradientNorm(),
                surrogate.beta(),
                objective.clipped(updates.last.logProbs()),
                modelCalls,
                signals);
        surrogate = surrogate.withBeta(next(seen.kl()));
        return seen;
    }

    private static double range(Rollouts rollouts) {
        DoubleSummaryStatistics rewards = new DoubleSummaryStatistics();
        for (int i = 0; i < rollouts.size(); i++) {
            if (rollouts.measure()[i] > 0) {
                rewards.accept(rollouts.reward()[i]);
            }
        }
        return rewards.getMax() - rewards.getMin();
    }

    /** The coefficient after a step; in a search it moves when the limit at the one before is reached. */
    private double next(double kl) {
        if (search == null) {
            return plan.adaptive.next(surrogate.beta(), kl);
        }
        if (plan.adaptive.isSteady() || !search.isConverged()) {
            return surrogate.beta();
        }
        return plan.adaptive.next(bracket, surrogate.beta(), kl);
    }

    private SurrogateObjective objective(Rollouts rollouts, ValueHead.@Nullable Seen seenByHead) {
        int horizon = source.task().horizon();
        double scale = search == null ? pace.scale() : 1;
        if (seenByHead != null) {
            return new SurrogateObjective(rollouts, surrogate, horizon, scale, seenByHead.advantages())
                    .within(policy.rounding());
        }
        return new SurrogateObjective(
                        rollouts,
                        surrogate,
                        horizon,
                        scale,
                        surrogate.baseline() == Surrogate.Baseline.VALUE
                                ? values.before(Advantages.means(rollouts, surrogate))
                                : new double[0])
                .within(policy.rounding());
    }

    private Updates update(Rollouts rollouts, Objective objective) {
        modelCalls += rollouts.drawn() * (2L + plan.epochs);
        List<Double> movedKl = new ArrayList<>();
        StepReport report = policy.step(rollouts.batch(), objective);
        for (int epoch = 1; epoch < plan.epochs && report.taken(); epoch++) {
            report = policy.step(rollouts.batch(), objective);
            movedKl.add(rollouts.movedKl(report.logProbs()));
        }
        if (plan.epochs > 1 && report.taken()) { // where the last update led no step of these rollouts says
            movedKl.add(rollouts.movedKl(policy.logProbs(rollouts.batch())));
            modelCalls += rollouts.drawn();
        }
        return new Updates(report, movedKl);
    }

    private TrainingStep.Signals signals(Rollouts rollouts, Updates updates) {
        double entropy = rollouts.entropy();
        double loss = surrogate.beta() * rollouts.mean(rollouts.logRatios())
                - rollouts.mean(rollouts.reward())
                - surrogate.entropy() * entropy;
        TrainingStep.Signals signals = TrainingStep.Signals.of(loss, entropy);
        if (surrogate.baseline().isOfGroup()) {
            signals = signals.withEqualGroups(rollouts.equalGroups());
        }
        if (plan.epochs == 1) {
            return signals;
        }
        double[][] last = updates.last.logProbs();
        double[] logWeights = new double[rollouts.size()];
        Arrays.setAll(logWeights, i -> -(Rollouts.sum(rollouts.drawnLogProbs()[i]) - Rollouts.sum(last[i])));
        return signals.reused(rollouts.effective(logWeights), updates.movedKl);
    }

    @Override
    public boolean isConverged() {
        return isStill() && isBalanced();
    }

    /** Where k3 in the reward drives texts out for ever the policy stands still and its gradient does not. */
    @Override
    public boolean isStalled() {
        return isStill() && !isBalanced();
    }

    private boolean isStill() {
        boolean still = search == null ? pace.isConverged() : search.isConverged() && plan.adaptive.isSettled(bracket);
        return still && plan.resets.isInLastStage(steps);
    }

    private boolean isBalanced() {
        return search == null || surrogate.kl() != KlPlacement.REWARD_K3 || search.isBalanced(surrogate.beta());
    }

    @Override
    public void save(OutputStream out) throws IOException {
        SavedState state = SavedState.of(STATE)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .numbers("beta", surrogate.beta())
                .numbers("values", values.state());
        pace.save(state);
        if (search != null) {
            search.save(state);
            state.numbers("bracket", bracket);
        }
        state.write(out);
        if (head != null) {
            head.save(out);
        }
    }

    @Override
    public void restore(InputStream in) throws IOException {
        SavedState state = SavedState.read(in, STATE);
        long savedSteps = state.whole("steps");
        long savedCalls = state.whole("model-calls");
        Surrogate savedSurrogate = surrogate.withBeta(state.number("beta"));
        double[] savedValues = state.numbers("values");
        double[] savedBracket = search == null ? bracket.clone() : state.numbers("bracket", bracket.length);
        Runnable searched = search == null ? () -> {} : search.restore(state);
        Runnable paced = pace.restore(state);
        if (head != null) {
            head.restore(in);
        }
        paced.run();
        searched.run();
        System.arraycopy(savedBracket, 0, bracket, 0, bracket.length);
        steps = savedSteps;
        modelCalls = savedCalls;
        surrogate = savedSurrogate;
        values.restore(savedValues);
    }
}
