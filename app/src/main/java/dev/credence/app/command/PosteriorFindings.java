package dev.credence.app.command;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of an exact posterior, prompt by prompt and as means over prompts. */
final class PosteriorFindings {
    private static final Map<String, String> QUESTIONS = Map.ofEntries(
            Map.entry("log_z", "How likely does the prior find the evidence?"),
            Map.entry("kl.asked_prior", "How far is the posterior from the prior?"),
            Map.entry("kl.prior_asked", "How much of the prior does the posterior give up?"),
            Map.entry("entropy.prior", "Entropy of the prior?"),
            Map.entry("entropy.asked", "Entropy of the posterior?"),
            Map.entry("modes.prior", "Effective number of texts of the prior?"),
            Map.entry("modes.asked", "Effective number of texts of the posterior?"),
            Map.entry("reward.prior", "Mean reward of the prior?"),
            Map.entry("reward.asked", "Mean reward of the posterior?"),
            Map.entry("js.asked_prior", "Jensen-Shannon divergence of posterior and prior?"),
            Map.entry("tv.asked_prior", "Total variation between posterior and prior?"),
            Map.entry("chi2.asked_prior", "Chi-squared of the posterior against the prior?"));

    private PosteriorFindings() {}

    /** Findings of each prompt. */
    static Map<String, Map<String, Finding>> byPrompt(TableModel prior, EvidenceOption.Asked asked) {
        Map<String, Map<String, Finding>> byPrompt = new LinkedHashMap<>();
        for (String prompt : prior.prompts()) {
            Map<String, Finding> findings = new LinkedHashMap<>();
            values(prior, asked, prompt).forEach((id, value) -> findings.put(id, finding(id, value)));
            byPrompt.put(prompt, findings);
        }
        return byPrompt;
    }

    /** Means over the prompts, by weight; effective numbers are of the mean entropy. */
    static Map<String, Finding> overall(TableModel prior, Map<String, Map<String, Finding>> byPrompt) {
        Map<String, Finding> overall = new LinkedHashMap<>();
        byPrompt.values().iterator().next().keySet().forEach(id -> {
            boolean modes = id.startsWith("modes.");
            String averaged = modes ? id.replace("modes.", "entropy.") : id;
            double mean = 0;
            for (String prompt : prior.prompts()) {
                Finding finding = byPrompt.getOrDefault(prompt, Map.of()).get(averaged);
                mean += finding == null ? Double.NaN : prior.weight(prompt) * finding.estimate();
            }
            overall.put(id, finding(id, modes ? Math.exp(mean) : mean));
        });
        return overall;
    }

    private static Map<String, Double> values(TableModel model, EvidenceOption.Asked asked, String prompt) {
        Distribution prior = model.given(prompt);
        TablePosterior posterior = asked.posterior();
        Distribution given = posterior.model().given(prompt);
        Map<String, Double> values = new LinkedHashMap<>();
        boolean limit = Double.isInfinite(asked.copies());
        values.put("log_z", limit ? asked.copies() : posterior.logPartition(prompt));
        values.put("kl.asked_prior", Divergences.kl(given, prior));
        values.put("kl.prior_asked", Divergences.kl(prior, given));
        values.put("entropy.prior", prior.entropy());
        values.put("entropy.asked", given.entropy());
        values.put("modes.prior", Math.exp(prior.entropy()));
        values.put("modes.asked", Math.exp(given.entropy()));
        RewardFunction reward = asked.reward();
        if (reward != null) {
            double[] rewards = reward.rewards(prompt, prior);
            values.put("reward.prior", prior.expectation(rewards));
            values.put("reward.asked", given.expectation(rewards));
        }
        values.put("js.asked_prior", Divergences.jensenShannon(given, prior));
        values.put("tv.asked_prior", Divergences.totalVariation(given, prior));
        values.put("chi2.asked_prior", Divergences.chiSquared(given, prior));
        return values;
    }

    private static Finding finding(String id, double value) {
        return new Finding(id, QUESTIONS.getOrDefault(id, id), value, value, value, Grade.EXACT, unit(id), null, null);
    }

    private static String unit(String id) {
        if (id.startsWith("modes.")) {
            return "texts";
        }
        if (id.startsWith("reward.")) {
            return "reward";
        }
        return id.startsWith("tv.") || id.startsWith("chi2.") ? "share" : "nats";
    }
}
