package dev.credence.core.audit;

import dev.credence.core.diagnostics.Diversity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Diversity of the texts themselves, from the log's reservoirs: means over prompts, for prior and policy. */
final class TextDiversity {
    private TextDiversity() {}

    /**
     * The findings of prompts' reservoirs; none where a side has no texts, as of a table.
     *
     * @param prompts the prompts
     * @param together what processes find together that hold them, or null where all are here
     */
    static Map<String, Finding> of(List<ListedPrompt> prompts, @Nullable Together together) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        addSide(findings, prompts, together, "prior", RolloutLog.Prompt::priorTexts);
        addSide(findings, prompts, together, "policy", RolloutLog.Prompt::policyTexts);
        return findings;
    }

    private static void addSide(
            Map<String, Finding> findings,
            List<ListedPrompt> prompts,
            @Nullable Together together,
            String side,
            Function<RolloutLog.Prompt, List<String>> texts) {
        boolean known = !ListedPrompt.find(
                        prompts, together, p -> texts.apply(p.prompt()).isEmpty())
                .contains(true);
        if (prompts.isEmpty() || !known) {
            return;
        }
        boolean isPrior = side.equals("prior");
        boolean isThinned =
                ListedPrompt.find(prompts, together, p -> isThinned(p, isPrior)).contains(true);
        List<Diversity> own = ListedPrompt.find(prompts, together, p -> Diversity.of(texts.apply(p.prompt())));
        put(
                findings,
                "distinct_1." + side,
                "Share of different words among the words of its texts?",
                mean(prompts, own, Diversity::distinct1));
        put(
                findings,
                "distinct_2." + side,
                "Share of different word pairs in its texts?",
                mean(prompts, own, Diversity::distinct2));
        put(
                findings,
                "self_bleu." + side,
                "How alike are its texts (BLEU of each against the rest)?",
                mean(prompts, own, Diversity::selfBleu));
        put(
                findings,
                "vendi." + side,
                "Effective number of different texts among those sampled?",
                mean(prompts, own, Diversity::vendi));
        if (isThinned) {
            List.of("distinct_1.", "distinct_2.", "self_bleu.", "vendi.")
                    .forEach(
                            name -> findings.computeIfPresent(
                                    "diversity." + name + side,
                                    (id, finding) -> finding.withdrawn(
                                            "the draws of the " + side
                                                    + " were thinned by their reward: the texts that were kept are no fair sample of it")));
        }
    }

    /** Whether more was drawn of a side than was kept. */
    private static boolean isThinned(ListedPrompt listed, boolean isPrior) {
        RolloutLog.Draws draws = listed.prompt().draws();
        return isPrior ? draws.prior() > listed.prior() : draws.policy() > listed.policy();
    }

    /** By the prompts' weights. */
    private static double mean(List<ListedPrompt> prompts, List<Diversity> own, ToDoubleFunction<Diversity> measure) {
        double sum = 0;
        double weights = 0;
        for (int c = 0; c < own.size(); c++) {
            double weight = prompts.get(c).prompt().weight();
            sum += weight * measure.applyAsDouble(own.get(c));
            weights += weight;
        }
        return sum / weights;
    }

    private static void put(Map<String, Finding> findings, String name, String question, double value) {
        String id = "diversity." + name;
        String unit = name.startsWith("vendi") ? "texts" : "share";
        findings.put(
                id,
                new Finding(
                        id,
                        question + " (of at most 200 texts a prompt)",
                        Double.NaN,
                        value,
                        Double.NaN,
                        Grade.ESTIMATED,
                        unit,
                        null,
                        null));
    }
}
