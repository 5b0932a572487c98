package dev.credence.core.audit;

import dev.credence.core.diagnostics.Diversity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Diversity of the texts themselves, from the log's reservoirs: means over prompts, for prior and policy. */
final class TextDiversity {
    private TextDiversity() {}

    /** The findings of prompts' reservoirs; none where a side has no texts, as of a table. */
    static Map<String, Finding> of(List<RolloutLog.Prompt> prompts) {
        Map<String, Finding> findings = new LinkedHashMap<>();
        addSide(findings, prompts, "prior", RolloutLog.Prompt::priorTexts);
        addSide(findings, prompts, "policy", RolloutLog.Prompt::policyTexts);
        return findings;
    }

    private static void addSide(
            Map<String, Finding> findings,
            List<RolloutLog.Prompt> prompts,
            String side,
            Function<RolloutLog.Prompt, List<String>> texts) {
        if (prompts.isEmpty() || prompts.stream().anyMatch(p -> texts.apply(p).isEmpty())) {
            return;
        }
        double[][] measures = prompts.parallelStream()
                .map(p -> {
                    Diversity own = Diversity.of(texts.apply(p));
                    double w = p.weight();
                    return new double[] {
                        w * own.distinct1(), w * own.distinct2(), w * own.selfBleu(), w * own.vendi(), w
                    };
                })
                .toArray(double[][]::new);
        double[] mean = new double[5];
        for (double[] own : measures) {
            for (int k = 0; k < mean.length; k++) {
                mean[k] += own[k];
            }
        }
        put(
                findings,
                "distinct_1." + side,
                "Share of different words among the words of its texts?",
                mean[0] / mean[4]);
        put(findings, "distinct_2." + side, "Share of different word pairs in its texts?", mean[1] / mean[4]);
        put(
                findings,
                "self_bleu." + side,
                "How alike are its texts (BLEU of each against the rest)?",
                mean[2] / mean[4]);
        put(findings, "vendi." + side, "Effective number of different texts among those sampled?", mean[3] / mean[4]);
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
