package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.RegularisedOptima;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * RL toward −KL(π‖H), with H the texts of a population of humans: the reward log H and an entropy bonus of 1, whose optimum is H
 * itself; and what the same reward makes without the bonus (docs/theory.md#entropy-bonus).
 */
final class HumanTexts {
    private static final int POINTS = 41;
    private static final double ROUNDING = 1e-12; // nats

    private final TableModel prior;
    private final TableModel humans; // over the prior's outcomes

    private HumanTexts(TableModel prior, TableModel humans) {
        this.prior = prior;
        this.humans = humans;
    }

    /**
     * Whose texts a policy is drawn to.
     *
     * @param wide the population
     * @param narrow some of it; null where none are named
     */
    record Populations(HumanTexts wide, @Nullable HumanTexts narrow) {
        /** Reads and checks what is asked. */
        static Populations read(ExperimentSettings settings, ExperimentResult.Builder result) {
            String file = settings.text("human.world");
            NetworkInput input = NetworkInput.read(file)
                    .orElseThrow(() -> InputException.ofSetting(
                            "human.world",
                            file,
                            "it must be a world with variables: a table does not say who wrote its texts"));
            result.inputs(List.of(input.input()));
            return new Populations(
                    of(input, "population", settings.text("population")),
                    settings.has("narrow") ? of(input, "narrow", settings.text("narrow")) : null);
        }

        /** The figures of the population, and of a narrower one where that is named. */
        void report(ExperimentSettings settings, ExperimentResult.Builder result, Listener listener) {
            DataTable.Builder table = DataTable.of(
                    "RL toward the texts of humans",
                    "humans",
                    "policy",
                    "KL(humans‖policy), nats",
                    "KL(policy‖humans), nats",
                    "mass on texts that none of them writes");
            wide.figures("human", "inhuman.mass", settings.text("population"), result, table);
            wide.trained(result);
            wide.picture(result);
            if (narrow != null) {
                narrow.figures("narrow", "narrow.inhuman.mass", settings.text("narrow"), result, table);
            }
            result.table("humans", table.build());
            listener.accept("texts of " + settings.text("population") + " are compared");
        }
    }

    /** {@return the texts of everybody} */
    TableModel prior() {
        return prior;
    }

    /** {@return the humans' texts, over the same} */
    TableModel humans() {
        return humans;
    }

    private static HumanTexts of(NetworkInput input, String key, String population) {
        TableModel prior = input.network().table().prior();
        EqualKl.requireFew("human.world", input.input().name(), prior);
        TableModel of;
        try {
            of = input.network().given(List.of(population)).table().prior();
        } catch (InputException e) {
            throw InputException.ofSetting(key, population, e.rule());
        }
        return new HumanTexts(prior, prior.map((prompt, texts) -> {
            double[] log = new double[texts.size()];
            for (int i = 0; i < log.length; i++) {
                log[i] = Math.log(of.given(prompt).probability(texts.outcome(i)));
            }
            return Distribution.ofLogWeights(texts.outcomes(), log);
        }));
    }

    /** log H. */
    private RewardFunction reward() {
        return (prompt, text) -> {
            Distribution texts = humans.given(prompt);
            return texts.logProbability(texts.indexOf(text));
        };
    }

    /** The optimum of E log H + α H(π). */
    private TableModel optimum(double bonus) {
        return prior.map((prompt, texts) -> {
            double[] rewards = reward().rewards(prompt, texts);
            return bonus > 0 ? RegularisedOptima.entropyBonus(texts, rewards, 0, bonus) : best(texts, rewards);
        });
    }

    /** The prior on the texts that humans write most. */
    private static Distribution best(Distribution texts, double[] rewards) {
        double[] log = texts.logProbabilities();
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < log.length; i++) {
            most = log[i] > Double.NEGATIVE_INFINITY ? Math.max(most, rewards[i]) : most;
        }
        for (int i = 0; i < log.length; i++) {
            log[i] = rewards[i] < most ? Double.NEGATIVE_INFINITY : log[i];
        }
        return Distribution.ofLogWeights(texts.outcomes(), log);
    }

    private double forward(TableModel policy) {
        return mean(prompt -> Divergences.kl(humans.given(prompt), policy.given(prompt)));
    }

    private double reverse(TableModel policy) {
        return mean(prompt -> Divergences.kl(policy.given(prompt), humans.given(prompt)));
    }

    private double inhuman(TableModel policy) {
        return mean(prompt -> {
            double mass = 0;
            for (int i = 0; i < policy.given(prompt).size(); i++) {
                mass += humans.given(prompt).probability(i) > 0
                        ? 0
                        : policy.given(prompt).probability(i);
            }
            return mass;
        });
    }

    private double mean(ToDoubleFunction<String> figure) {
        return prior.prompts().stream()
                .mapToDouble(prompt -> prior.weight(prompt) * figure.applyAsDouble(prompt))
                .sum();
    }

    private void figures(
            String id, String massId, String who, ExperimentResult.Builder result, DataTable.Builder table) {
        TableModel after = optimum(1);
        one(id, massId, "", "after RL toward them", after, result);
        one(id, massId, ".before", "before", prior, result);
        one(id, massId, ".after", "after RL toward them", after, result);
        one(id, massId, ".bare", "after RL on log H alone, without the entropy bonus", optimum(0), result);
        table.row(who, "prior", forward(prior), reverse(prior), inhuman(prior));
        table.row(who, "log H, entropy bonus 1", forward(after), reverse(after), inhuman(after));
        TableModel bare = optimum(0);
        table.row(who, "log H alone", forward(bare), reverse(bare), inhuman(bare));
    }

    private void one(
            String id, String massId, String side, String when, TableModel policy, ExperimentResult.Builder result) {
        result.exact(
                id + ".forward" + side,
                "KL of humans' texts from the policy, " + when + ": does it miss what they write?",
                forward(policy),
                "nats");
        result.exact(
                id + ".reverse" + side,
                "KL of the policy from humans' texts, " + when + ": does it write what they do not?",
                reverse(policy),
                "nats");
        result.exact(
                massId + side,
                "Mass of the policy on texts that none of the humans writes, " + when + "?",
                inhuman(policy),
                "probability");
    }

    /** That training comes to the optimum: enumerated, to its limit. */
    private void trained(ExperimentResult.Builder result) {
        String id = "human.trained.distance";
        String question =
                "Total variation between humans' texts and what REINFORCE with the bonus comes to, run to its limit?";
        if (inhuman(prior) > 0) {
            result.finding(new Finding(
                            id, question, Double.NaN, Double.NaN, Double.NaN, Grade.EXACT, "probability", null, null)
                    .withdrawn("log H is minus infinity where no human writes, which no gradient ascends"));
            return;
        }
        MethodOptions options = MethodOptions.none()
                .with("beta", 0)
                .with("entropy", 1)
                .with("kl", "none")
                .with("population", true);
        TableModel policy =
                Methods.byName("rloo").condition(prior, reward(), options).policy();
        result.exact(
                id,
                question,
                mean(prompt -> Divergences.totalVariation(policy.given(prompt), humans.given(prompt))),
                "probability");
    }

    /** Natural gradients walk from the prior to the humans along π0^{1−u} H^u, u = 1 − e^{−t}. */
    private void picture(ExperimentResult.Builder result) {
        double[] u = new double[POINTS];
        double[] forward = new double[POINTS];
        double[] reverse = new double[POINTS];
        for (int k = 0; k < POINTS; k++) {
            double share = (double) k / (POINTS - 1);
            TableModel at = k == 0 ? prior : prior.map((prompt, texts) -> along(texts, humans.given(prompt), share));
            u[k] = share;
            forward[k] = forward(at);
            reverse[k] = reverse(at);
        }
        int from = Double.isFinite(reverse[0]) ? 0 : 1;
        result.picture(Picture.of(
                "humans",
                "From the prior toward the texts of humans",
                "Natural gradients of E log H + H(π) walk along π0^(1−u) H^u; both divergences fall to 0 at u = 1."
                        + (from == 0
                                ? ""
                                : " KL(policy‖humans) is infinite at the prior, which writes what they do not."),
                Picture.Axis.linear("u, from the prior (0) to humans (1)"),
                Picture.Axis.linear("nats"),
                List.of(
                        Picture.Series.line("KL(humans‖policy)", u, forward),
                        Picture.Series.line(
                                "KL(policy‖humans)",
                                Arrays.copyOfRange(u, from, POINTS),
                                Arrays.copyOfRange(reverse, from, POINTS)))));
    }

    private static Distribution along(Distribution from, Distribution to, double share) {
        double[] log = from.logProbabilities();
        for (int i = 0; i < log.length; i++) {
            if (log[i] > Double.NEGATIVE_INFINITY) {
                log[i] = to.probability(i) > 0
                        ? (1 - share) * log[i] + share * to.logProbability(i)
                        : Double.NEGATIVE_INFINITY;
            }
        }
        return Distribution.ofLogWeights(from.outcomes(), log);
    }

    private static double settled(double nats) {
        return Math.abs(nats) < ROUNDING ? 0 : nats;
    }

    /** What the figures say, in a sentence. */
    static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        double before = result.estimate("human.forward.before");
        double after = settled(result.estimate("human.forward.after"));
        double bare = result.estimate("human.reverse.bare");
        String lost = Double.isInfinite(result.estimate("human.forward.bare"))
                ? "it costs only " + FigureFormat.of(bare) + " nats of KL(π‖H) while texts that humans write are gone"
                : "it misses none of their texts, as all are equally likely";
        return "In the world " + settings.text("human.world") + " RL on log H of " + settings.text("population")
                + " with an entropy bonus of 1 brings KL(H‖π) from "
                + FigureFormat.of(before) + " to " + FigureFormat.of(after)
                + " nats (exact): its optimum is H itself. Without the bonus the same reward ends on their likeliest text: "
                + lost
                + ".";
    }
}
