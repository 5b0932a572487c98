package dev.credence.app.command;

import dev.credence.core.audit.Finding;
import dev.credence.core.model.LogPartition;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.json.Json;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A posterior over a table of outcomes as JSON has it, prompt by prompt. */
final class PosteriorDocument {
    /** Outcomes of a model that JSON holds: the likeliest. */
    static final int OF_A_MODEL = 1000;

    private final TableModel prior;
    private final EvidenceOption.Asked asked;
    private final int most;
    private final @Nullable NetworkPosterior network;

    PosteriorDocument(TableModel prior, EvidenceOption.Asked asked, int most, @Nullable NetworkPosterior network) {
        this.prior = prior;
        this.asked = asked;
        this.most = most;
        this.network = network;
    }

    Map<String, @Nullable Object> prompts(
            Map<String, Map<String, Finding>> byPrompt, Map<String, PromptSearch> searched) {
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        byPrompt.forEach((prompt, findings) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("weight", prior.weight(prompt));
            fields.put("findings", Json.findings(findings));
            Distribution posterior = asked.posterior().model().given(prompt);
            if (network == null || network.isOfTexts()) {
                fields.put("count", prior.given(prompt).size());
                fields.put("outcomes", outcomes(prior.given(prompt), posterior));
            }
            if (network != null) {
                NetworkPosterior.Beliefs beliefs = network.beliefs(prompt);
                fields.put("hidden", beliefs.hidden());
                fields.put("probes", beliefs.probes());
            }
            PromptSearch told = searched.get(prompt);
            if (most == OF_A_MODEL) {
                fields.put("certificate", SearchDocument.certificate(enumerated(prior.given(prompt), findings)));
            }
            if (told != null) {
                SearchDocument.addTold(told, fields);
            }
            prompts.put(prompt, fields);
        });
        return prompts;
    }

    /** Every completion was seen. */
    private static PromptSearch.Certificate enumerated(Distribution prior, Map<String, Finding> findings) {
        double logZ = Objects.requireNonNull(findings.get("log_z")).estimate();
        return new PromptSearch.Certificate(new LogPartition(logZ, logZ, prior.size(), 0, 0, 0, 0), prior.size());
    }

    /** All outcomes in their order; of too many the posterior's likeliest, these first. */
    private Map<String, @Nullable Object> outcomes(Distribution prior, Distribution posterior) {
        IntStream chosen = IntStream.range(0, prior.size());
        if (prior.size() > most) {
            chosen = chosen.boxed()
                    .sorted(Comparator.comparingDouble(i -> -posterior.logProbability(i)))
                    .limit(most)
                    .mapToInt(Integer::intValue);
        }
        Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
        for (int i : chosen.toArray()) {
            Map<String, @Nullable Object> pair = new LinkedHashMap<>();
            pair.put("prior", prior.probability(i));
            pair.put("posterior", posterior.probability(i));
            outcomes.put(prior.outcome(i), pair);
        }
        return outcomes;
    }
}
