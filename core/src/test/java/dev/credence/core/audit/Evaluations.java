package dev.credence.core.audit;

import dev.credence.core.TestWorlds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An evaluation whose findings are set by hand: what the words of verdicts are decided on. */
final class Evaluations {
    private final Map<String, Finding> findings;
    private final List<Gate> gates = new ArrayList<>();
    private Estimates estimates;
    private Sources sources = Sources.BOTH;
    private @Nullable StandardErrors errors;

    /** Starts from a conditional worth four copies, with nothing amiss; a table of four outcomes is behind it. */
    Evaluations() {
        Evaluation exact = Evaluator.evaluate(table(4), 1, Influence.Extent.VERDICTS);
        this.estimates = exact.estimates();
        this.findings = new LinkedHashMap<>(exact.findings());
        set(Figure.KL_POLICY_PRIOR, 1.9, 2, 2.1);
        set(Figure.KL_EXPLAINED, 1.8, 1.95, 2);
        set(Figure.KL_DEPARTURE, .01, .05, .09);
        set(Figure.BAYES_FRACTION, .96, .975, .99);
        for (Figure slope : Influence.SLOPES) {
            set(slope, 3.5, 4, 4.5);
        }
        set(Figure.NUISANCE_LENGTH, -.1, 0, .1);
        set(Figure.NUISANCE_LOG_PRIOR, -.1, 0, .1);
        set(Figure.KL_POLICY_ASKED, .01, .05, .09);
    }

    /** One prompt with so many outcomes of equal prior, the policy rising with the reward and not quite a member. */
    private static PromptPool table(int outcomes) {
        double[] prior = new double[outcomes];
        double[] policy = new double[outcomes];
        double[] reward = new double[outcomes];
        for (int i = 0; i < outcomes; i++) {
            prior[i] = 1.0 / outcomes;
            reward[i] = i;
            policy[i] = (i + 1) * 2.0 / (outcomes * (outcomes + 1));
        }
        return new PromptPool(List.of(PromptAtoms.of(
                new TableAtoms(
                        "q",
                        1,
                        TestWorlds.distribution(prior),
                        TestWorlds.distribution(policy),
                        TestWorlds.reward(reward)),
                1)));
    }

    /** Lets the estimates be of a table of so many outcomes; the findings stay. */
    Evaluations outcomes(int outcomes) {
        this.estimates = Estimates.of(table(outcomes), 1);
        return this;
    }

    Evaluations set(Figure figure, double lower, double estimate, double upper) {
        findings.put(
                figure.id(),
                new Finding(
                        figure.id(),
                        figure.question(),
                        lower,
                        estimate,
                        upper,
                        Grade.ESTIMATED,
                        figure.unit(),
                        "influence",
                        null));
        return this;
    }

    Evaluations withdraw(Figure figure, String why) {
        findings.computeIfPresent(figure.id(), (id, finding) -> finding.withdrawn(why));
        return this;
    }

    Evaluations gate(String id, Gate.Status status, String reason, String... withdraws) {
        gates.add(new Gate(id, status, 0, reason, List.of(withdraws)));
        return this;
    }

    Evaluations from(Sources from) {
        this.sources = from;
        return this;
    }

    /** The same standard error of every column, with endless degrees of freedom. */
    Evaluations error(double error) {
        int width = Influence.DIFFERENCES + 10;
        double[] each = new double[width];
        java.util.Arrays.fill(each, error);
        double[] freedom = new double[width];
        java.util.Arrays.fill(freedom, Double.NaN);
        this.errors = new StandardErrors(
                each,
                freedom,
                each,
                each,
                each,
                new double[0][],
                new double[width],
                new double[0][],
                new double[0][],
                new double[width],
                new boolean[0]);
        return this;
    }

    Evaluation build() {
        return new Evaluation(
                sources, estimates, errors, List.copyOf(gates), findings, 0, 0, Double.POSITIVE_INFINITY, 0);
    }
}
