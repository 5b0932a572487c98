package dev.credence.lab.posteriors;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.model.LogPartition;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.torch.trie.AnytimePartition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The figures of an exact posterior, prompt by prompt and as means over prompts. */
final class PosteriorFindings {
    private static final Map<String, String> QUESTIONS = Map.ofEntries(
            Map.entry(
                    "log_z",
                    "What is the log of the evidence's mean under the prior, log Z? Of a probability it is how likely the prior finds it."),
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
    static Map<String, Map<String, Finding>> byPrompt(TableModel prior, AskedEvidence asked, TablePosterior posterior) {
        Map<String, Map<String, Finding>> byPrompt = new LinkedHashMap<>();
        for (String prompt : prior.prompts()) {
            Map<String, Finding> findings = new LinkedHashMap<>();
            values(asked, posterior, prior, prompt).forEach((id, value) -> findings.put(id, finding(id, value)));
            byPrompt.put(prompt, findings);
        }
        return byPrompt;
    }

    /** Findings of a search: log Z, how far the posterior is from the prior, and, of a tilt of λ copies, its mean reward. */
    static Map<String, Finding> ofSearch(AnytimePartition.Found found, double lambda) {
        LogPartition logZ = found.logPartition();
        AnytimePartition.Mean mean = found.evidence();
        Map<String, Finding> findings = new LinkedHashMap<>();
        findings.put("log_z", between("log_z", logZ.lower(), logZ.upper()));
        double least = Math.max(0, mean.lower() - logZ.upper());
        double most = Math.max(least, mean.upper() - logZ.lower());
        findings.put("kl.asked_prior", between("kl.asked_prior", least, most));
        if (lambda != 0) {
            double low = Math.min(mean.lower() / lambda, mean.upper() / lambda);
            double high = Math.max(mean.lower() / lambda, mean.upper() / lambda);
            findings.put("reward.asked", between("reward.asked", low, high));
        }
        return findings;
    }

    /** Means over prompts of like weight, end by end. */
    static Map<String, Finding> overallOf(Collection<Map<String, Finding>> prompts) {
        Map<String, Finding> overall = new LinkedHashMap<>();
        for (String id : prompts.iterator().next().keySet()) {
            double low = 0;
            double high = 0;
            for (Map<String, Finding> findings : prompts) {
                Finding finding = Objects.requireNonNull(findings.get(id));
                low += finding.lower() / prompts.size();
                high += finding.upper() / prompts.size();
            }
            overall.put(id, between(id, low, high));
        }
        return overall;
    }

    /** Exact where both ends are one number; in the middle of them otherwise. */
    private static Finding between(String id, double low, double high) {
        boolean exact = low == high;
        return new Finding(
                id,
                QUESTIONS.getOrDefault(id, id),
                low,
                exact ? low : (low + high) / 2,
                high,
                exact ? Grade.EXACT : Grade.BOUNDED,
                unit(id),
                exact ? null : "certified",
                null);
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

    private static Map<String, Double> values(
            AskedEvidence asked, TablePosterior posterior, TableModel model, String prompt) {
        Distribution prior = model.given(prompt);
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
        asked.reward().ifPresent(reward -> {
            double[] rewards = reward.function().rewards(prompt, prior);
            values.put("reward.prior", prior.expectation(rewards));
            values.put("reward.asked", given.expectation(rewards));
        });
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
