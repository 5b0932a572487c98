package dev.credence.app.view;

import dev.credence.core.audit.Finding;
import dev.credence.core.model.LogPartition;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.json.Json;
import dev.credence.lab.posteriors.NetworkPosterior;
import dev.credence.lab.posteriors.PosteriorTable;
import dev.credence.lab.posteriors.PromptSearch;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A posterior over a table of outcomes as JSON has it, prompt by prompt. */
public final class PosteriorDocument {
    /** Outcomes of a model that JSON holds: the likeliest. */
    private static final int OF_A_MODEL = 1000;

    private final PosteriorTable table;
    private final boolean isOfModel;
    private final @Nullable NetworkPosterior network;

    /**
     * A document.
     *
     * @param table the posterior
     * @param isOfModel whether the outcomes are a model's texts: only the likeliest are told, with the certificate that all
     *     were seen
     */
    public PosteriorDocument(PosteriorTable table, boolean isOfModel) {
        this.table = table;
        this.isOfModel = isOfModel;
        this.network = null;
    }

    /**
     * A document that tells of hidden variables and probes too.
     *
     * @param network the posterior
     */
    public PosteriorDocument(NetworkPosterior network) {
        this.table = network.table();
        this.isOfModel = false;
        this.network = network;
    }

    /**
     * The prompts.
     *
     * @param searched draws and next tokens, where they were asked for
     * @return by prompt
     */
    public Map<String, @Nullable Object> prompts(Map<String, PromptSearch> searched) {
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        TableModel prior = table.prior();
        table.byPrompt().forEach((prompt, findings) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("weight", prior.weight(prompt));
            fields.put("findings", Json.findings(findings));
            if (network == null || network.isOfTexts()) {
                fields.put("count", prior.given(prompt).size());
                fields.put("outcomes", outcomes(prior.given(prompt), table.outcomes(prompt)));
            }
            if (network != null) {
                NetworkPosterior.Beliefs beliefs = network.beliefs(prompt);
                fields.put("hidden", beliefs.hidden());
                fields.put("visible", beliefs.visible());
                fields.put("probes", beliefs.probes());
            }
            PromptSearch told = searched.get(prompt);
            if (isOfModel) {
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
    private static PromptSearch.CertifiedSum enumerated(Distribution prior, Map<String, Finding> findings) {
        double logZ = Objects.requireNonNull(findings.get("log_z")).estimate();
        return new PromptSearch.CertifiedSum(new LogPartition(logZ, logZ, prior.size(), 0, 0, 0, 0), prior.size());
    }

    /** All outcomes in their order; of too many the posterior's likeliest, these first. */
    private Map<String, @Nullable Object> outcomes(Distribution prior, Distribution posterior) {
        IntStream chosen = IntStream.range(0, prior.size());
        if (isOfModel && prior.size() > OF_A_MODEL) {
            chosen = chosen.boxed()
                    .sorted(Comparator.comparingDouble(i -> -posterior.logProbability(i)))
                    .limit(OF_A_MODEL)
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
