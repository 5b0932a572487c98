package dev.credence.app.view;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.NextTokenPosterior;
import dev.credence.data.json.Json;
import dev.credence.lab.posteriors.PromptSearch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A search as JSON has it. */
public final class SearchDocument {
    private SearchDocument() {}

    /**
     * All of them, prompts of like weight.
     *
     * @param searched by prompt
     * @return by prompt
     */
    public static Map<String, @Nullable Object> prompts(Map<String, PromptSearch> searched) {
        Map<String, @Nullable Object> byPrompt = new LinkedHashMap<>();
        searched.forEach((prompt, found) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("weight", 1.0 / searched.size());
            fields.put("findings", Json.findings(found.findings()));
            fields.put("certificate", certificate(found.certificate()));
            addTold(found, fields);
            byPrompt.put(prompt, fields);
        });
        return byPrompt;
    }

    /** What was looked at and what was left. */
    static Map<String, @Nullable Object> certificate(PromptSearch.CertifiedSum certificate) {
        LogPartition logZ = certificate.logPartition();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("completions", certificate.completions());
        fields.put("seen", logZ.seen());
        fields.put("branches_settled", logZ.settled());
        fields.put("branches_excluded", logZ.excluded());
        fields.put("branches_cut", logZ.cut());
        fields.put("mass_cut", logZ.cutMass());
        fields.put("width", logZ.width());
        return fields;
    }

    /** Draws and the next token, where they were asked for. */
    static void addTold(PromptSearch search, Map<String, @Nullable Object> fields) {
        if (!search.draws().isEmpty()) {
            fields.put(
                    "draws", search.draws().stream().map(SearchDocument::draw).toList());
            String why = search.whyNoLogPosterior();
            if (why != null) {
                fields.put("draws_reason", why);
            }
        }
        PromptSearch.Next next = search.next();
        if (next != null) {
            Map<String, @Nullable Object> behind = new LinkedHashMap<>();
            behind.put("behind", next.behind());
            behind.put("tokens", tokens(next));
            fields.put("next", behind);
        }
    }

    private static Map<String, @Nullable Object> draw(PromptSearch.Draw draw) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("completion", draw.text());
        fields.put("finished", draw.finished());
        fields.put("reward", Double.isNaN(draw.reward()) ? null : draw.reward());
        fields.put("logp_prior", draw.logPrior());
        LogBounds logPosterior = draw.logPosterior();
        fields.put(
                "logp_posterior",
                PromptSearch.isOneNumber(logPosterior) ? (logPosterior.lower() + logPosterior.upper()) / 2 : null);
        fields.put("logp_posterior_bounds", new double[] {logPosterior.lower(), logPosterior.upper()});
        fields.put("ids", draw.ids());
        return fields;
    }

    private static List<Object> tokens(PromptSearch.Next next) {
        NextTokenPosterior tokens = next.tokens();
        List<Object> all = new ArrayList<>();
        for (int v : byPosterior(tokens)) {
            LogBounds soft = tokens.logSoftValues()[v];
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("id", v);
            fields.put("token", next.texts().get(v));
            fields.put("prior", Math.exp(tokens.logPrior()[v]));
            fields.put("posterior", new double[] {tokens.lower()[v], tokens.upper()[v]});
            fields.put("log_soft_value", new double[] {soft.lower(), soft.upper()});
            all.add(fields);
        }
        return all;
    }

    /** The tokens, the posterior's likeliest first. */
    static List<Integer> byPosterior(NextTokenPosterior tokens) {
        return IntStream.range(0, tokens.lower().length)
                .boxed()
                .sorted(Comparator.comparingDouble(v -> -tokens.upper()[v]))
                .toList();
    }
}
