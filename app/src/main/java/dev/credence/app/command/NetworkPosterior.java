package dev.credence.app.command;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Inference;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The posterior of a network: of its texts, where they can be written down, of its hidden variables and of its probes. */
final class NetworkPosterior {
    private static final String NO_TEXTS = "there are too many texts to write down";

    private final NetworkInput source;
    private final Network network;
    private final List<String> observed;
    private final EvidenceOption evidence;
    private final @Nullable String reward; // that the evidence reads alone, null where texts are read or none is
    private final boolean ofTexts;
    private final Projection projection;
    private final EvidenceOption.Asked asked;

    NetworkPosterior(NetworkInput source, NetworkOptions options, EvidenceOption evidence) {
        this.source = source;
        this.network = source.network().given(options.given());
        this.observed = options.observed();
        this.evidence = evidence;
        this.reward = rewardOfVariables();
        boolean readsNoText = reward != null || isObservationAlone();
        this.ofTexts = network.isEnumerable() || !readsNoText;
        this.projection =
                ofTexts ? Projection.ofTexts(network, observed) : Projection.ofReward(network, reward, observed);
        this.asked = asked(projection.world());
    }

    TableModel prior() {
        return projection.world().prior();
    }

    EvidenceOption.Asked asked() {
        return asked;
    }

    /** Whether the prior's outcomes are texts; else they are the values that the evidence reads. */
    boolean isOfTexts() {
        return ofTexts;
    }

    /** Figures that are about texts are withdrawn where these were not written down. */
    Map<String, Finding> told(Map<String, Finding> findings) {
        if (ofTexts) {
            return findings;
        }
        Map<String, Finding> told = new LinkedHashMap<>();
        findings.forEach((id, finding) -> {
            boolean textual = id.startsWith("entropy.") || id.startsWith("modes.");
            told.put(id, textual ? untold(finding) : finding);
        });
        return told;
    }

    private static Finding untold(Finding finding) {
        double none = Double.NaN;
        return new Finding(
                finding.id(), finding.question(), none, none, none, Grade.WITHDRAWN, finding.unit(), null, NO_TEXTS);
    }

    /**
     * Prior and posterior beliefs under a prompt.
     *
     * @param hidden by variable, value and side ({@code prior}, {@code posterior})
     * @param probes by probe, value and side
     */
    record Beliefs(
            Map<String, Map<String, Map<String, Double>>> hidden,
            Map<String, Map<String, Map<String, Double>>> probes) {}

    Beliefs beliefs(String prompt) {
        Inference before = network.prior(prompt);
        Inference after = projection.given(prompt, name -> logLikelihood(asked.posterior(), prior(), prompt, name));
        return new Beliefs(pairs(before.hidden(), after.hidden()), pairs(before.probes(), after.probes()));
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

    private boolean isObservationAlone() {
        return !observed.isEmpty() && !evidence.isGiven();
    }

    /** The reward's name, where its evidence reads variables alone, or where an observation has one beside it. */
    private @Nullable String rewardOfVariables() {
        String about = evidence.about();
        List<String> names = network.rewardNames();
        if (about == null) {
            if (isObservationAlone()) {
                return names.size() == 1 && network.isOfVariables(names.get(0)) ? names.get(0) : null;
            }
            about = RewardName.only(names);
        }
        String name = about.startsWith("table:") ? about.substring("table:".length()) : about;
        return network.isOfVariables(name) ? name : null;
    }

    private EvidenceOption.Asked asked(TableWorld world) {
        TableModel prior = world.prior();
        if (observed.isEmpty()) {
            return evidence.on(new WorldInput(world, source.input()));
        }
        String words = String.join(" and ", observed);
        TablePosterior seen = TablePosterior.of(prior, Evidence.event(words, projection::isObserved));
        if (isObservationAlone()) {
            RewardFunction shown = reward == null ? null : world.reward(reward);
            return new EvidenceOption.Asked(words, 1, reward, shown, false, seen);
        }
        EvidenceOption.Asked also = evidence.on(new WorldInput(world.withPrior(seen.model()), source.input()));
        Both both = new Both(prior, seen, words, also);
        return new EvidenceOption.Asked(
                both.describe(),
                also.copies(),
                also.rewardName(),
                also.reward(),
                also.isTilt(),
                TablePosterior.of(prior, both));
    }

    private static double logLikelihood(TablePosterior posterior, TableModel prior, String prompt, String name) {
        double log = posterior.logProbability(prompt, name);
        return log == Double.NEGATIVE_INFINITY
                ? log
                : log
                        - prior.given(prompt).logProbability(prior.given(prompt).indexOf(name))
                        + posterior.logPartition(prompt);
    }

    /** First what is observed, then the reward's evidence among what is left. */
    private record Both(TableModel prior, TablePosterior seen, String words, EvidenceOption.Asked also)
            implements Evidence {
        @Override
        public double logLikelihood(String prompt, String completion) {
            return NetworkPosterior.logLikelihood(also.posterior(), prior, prompt, completion)
                    + seen.logPartition(prompt);
        }

        @Override
        public String describe() {
            return also.words() + ", and " + words;
        }
    }
}
