package dev.credence.lab.posteriors;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Inference;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The exact posterior of a network: of its texts, where they can be written down, of its hidden variables and of its probes.
 */
public final class NetworkPosterior {
    private final Network network;
    private final NetworkQuestion question;
    private final boolean isOfTexts;
    private final Projection projection;
    private final PosteriorTable table;

    private NetworkPosterior(NetworkInput source, NetworkQuestion question) {
        this.network = source.network().given(question.given());
        this.question = question;
        Optional<List<String>> rewards = rewardsOfVariables();
        this.isOfTexts = network.isEnumerable() || rewards.isEmpty();
        this.projection = isOfTexts
                ? Projection.ofTexts(network, question.observed())
                : Projection.ofRewards(network, rewards.get(), question.observed());
        PosteriorTable found = table(source);
        this.table = isOfTexts ? found : withoutTexts(found);
    }

    /**
     * The posterior.
     *
     * @param source the network
     * @param question what is given and what was observed
     * @return the posterior
     * @throws InputException if a name is unknown, or all texts must be known and are too many
     * @throws dev.credence.core.posterior.NoPosteriorException if there is none
     */
    public static NetworkPosterior of(NetworkInput source, NetworkQuestion question) {
        return new NetworkPosterior(source, question);
    }

    /** {@return the posterior of all texts, or else of the values that the evidence reads} */
    public PosteriorTable table() {
        return table;
    }

    /** {@return whether the table's outcomes are texts} */
    public boolean isOfTexts() {
        return isOfTexts;
    }

    /**
     * Prior and posterior beliefs under a prompt.
     *
     * @param hidden by variable, value and side ({@code prior}, {@code posterior})
     * @param visible the same of the variables that are not hidden
     * @param probes by probe, value and side
     */
    public record Beliefs(
            Map<String, Map<String, Map<String, Double>>> hidden,
            Map<String, Map<String, Map<String, Double>>> visible,
            Map<String, Map<String, Map<String, Double>>> probes) {}

    /**
     * What is believed of variables and probes.
     *
     * @param prompt a prompt
     * @return prior and posterior
     */
    public Beliefs beliefs(String prompt) {
        Inference before = network.prior(prompt);
        Inference after =
                projection.given(prompt, name -> logLikelihood(table.posterior(), table.prior(), prompt, name));
        return new Beliefs(
                pairs(before.hidden(), after.hidden()),
                pairs(before.visible(), after.visible()),
                pairs(before.probes(), after.probes()));
    }

    private static Map<String, Map<String, Map<String, Double>>> pairs(
            Map<String, Map<String, Double>> before, Map<String, Map<String, Double>> after) {
        Map<String, Map<String, Map<String, Double>>> pairs = new LinkedHashMap<>();
        before.forEach((name, values) -> {
            Map<String, Map<String, Double>> byValue = new LinkedHashMap<>();
            values.forEach((value, p) -> {
                Map<String, Double> sides = new LinkedHashMap<>();
                sides.put("prior", p);
                sides.put("posterior", after.getOrDefault(name, Map.of()).getOrDefault(value, Double.NaN));
                byValue.put(value, sides);
            });
            pairs.put(name, byValue);
        });
        return pairs;
    }

    /** All rewards that the question is about, where none of them reads the text. */
    private Optional<List<String>> rewardsOfVariables() {
        PosteriorQuestion beside = question.beside();
        List<String> own = network.rewardNames();
        if (beside == null) {
            return Optional.of(own.size() == 1 && network.isOfVariables(own.get(0)) ? own : List.of());
        }
        Set<String> typed = new LinkedHashSet<>(beside.evidence().rewards());
        if (beside.reward() != null) {
            typed.add(beside.reward());
        } else if (beside.evidence().asksTheReward()) {
            typed.add(RewardName.only(own));
        }
        List<String> names = new ArrayList<>();
        for (String text : typed) {
            String name = text.startsWith("table:") ? text.substring("table:".length()) : text;
            if (!network.isOfVariables(name)) {
                return Optional.empty();
            }
            names.add(name);
        }
        return beside.evidence().ofTexts().isEmpty() ? Optional.of(names) : Optional.empty();
    }

    private PosteriorTable table(NetworkInput source) {
        TableWorld world = projection.world();
        TableModel prior = world.prior();
        PosteriorQuestion beside = question.beside();
        if (question.observed().isEmpty() && beside != null) {
            return Posteriors.of(new WorldInput(world, source.input()), beside);
        }
        String words = String.join(" and ", question.observed());
        Evidence observation = Evidence.event(words, projection::isObserved);
        if (beside == null) {
            return PosteriorTable.of(prior, AskedEvidence.of(observation, 1, onlyReward(world)));
        }
        TablePosterior seen = TablePosterior.of(prior, observation);
        PosteriorTable left = Posteriors.of(new WorldInput(world.withPrior(seen.model()), source.input()), beside);
        Both both = new Both(prior, seen, words, left);
        AskedEvidence asked = AskedEvidence.of(
                both, left.asked().copies(), left.asked().reward().orElse(null));
        return PosteriorTable.of(prior, asked);
    }

    private static @Nullable NamedReward onlyReward(TableWorld world) {
        List<String> names = world.rewardNames();
        return names.size() == 1 ? new NamedReward(names.get(0), world.reward(names.get(0))) : null;
    }

    /** Figures that are about texts are withdrawn where these were not written down. */
    private static PosteriorTable withoutTexts(PosteriorTable table) {
        Map<String, Map<String, Finding>> byPrompt = new LinkedHashMap<>();
        table.byPrompt().forEach((prompt, findings) -> byPrompt.put(prompt, withoutTexts(findings)));
        return new PosteriorTable(
                table.prior(), table.asked(), table.posterior(), withoutTexts(table.findings()), byPrompt);
    }

    private static Map<String, Finding> withoutTexts(Map<String, Finding> findings) {
        Map<String, Finding> told = new LinkedHashMap<>();
        findings.forEach((id, finding) -> {
            boolean textual = id.startsWith("entropy.") || id.startsWith("modes.");
            told.put(id, textual ? untold(finding) : finding);
        });
        return told;
    }

    private static Finding untold(Finding finding) {
        return new Finding(
                finding.id(),
                finding.question(),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Grade.WITHDRAWN,
                finding.unit(),
                null,
                "there are too many texts to write down");
    }

    private static double logLikelihood(TablePosterior posterior, TableModel prior, String prompt, String name) {
        double log = posterior.logProbability(prompt, name);
        if (log == Double.NEGATIVE_INFINITY) {
            return log;
        }
        int at = prior.given(prompt).indexOf(name);
        return log - prior.given(prompt).logProbability(at) + posterior.logPartition(prompt);
    }

    /** First what is observed, then the other evidence among what is left. */
    private record Both(TableModel prior, TablePosterior seen, String words, PosteriorTable left) implements Evidence {
        @Override
        public double logLikelihood(String prompt, String completion) {
            return NetworkPosterior.logLikelihood(left.posterior(), prior, prompt, completion)
                    + seen.logPartition(prompt);
        }

        @Override
        public String describe() {
            return left.asked().words() + ", and " + words;
        }
    }
}
