package dev.credence.core.diagnostics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The oracle of {@link SelfBleu}: the BLEU of one text against each reference in turn, as the definition reads. */
final class NaiveBleu {
    private NaiveBleu() {}

    static double of(List<String> text, List<List<String>> references) {
        if (text.isEmpty()) {
            return references.stream().anyMatch(List::isEmpty) ? 1 : 0;
        }
        int orders = Math.min(4, text.size());
        double product = 1;
        for (int order = 1; order <= orders; order++) {
            double matches = matches(text, references, order);
            if (matches == 0 && order == 1) {
                return 0;
            }
            product *= Math.max(matches, 0.1) / (text.size() - order + 1);
        }
        double closest = Double.NaN;
        for (List<String> reference : references) {
            double distance = Math.abs(reference.size() - text.size());
            double best = Math.abs(closest - text.size());
            if (!(best < distance || (best == distance && closest < reference.size()))) {
                closest = reference.size();
            }
        }
        double brevity = text.size() > closest ? 1 : Math.exp(1 - closest / text.size());
        return brevity * Math.pow(product, 1.0 / orders);
    }

    private static double matches(List<String> text, List<List<String>> references, int order) {
        double matches = 0;
        for (Map.Entry<List<String>, Integer> gram : grams(text, order).entrySet()) {
            int most = 0;
            for (List<String> reference : references) {
                most = Math.max(most, grams(reference, order).getOrDefault(gram.getKey(), 0));
            }
            matches += Math.min(most, gram.getValue());
        }
        return matches;
    }

    private static Map<List<String>, Integer> grams(List<String> text, int order) {
        Map<List<String>, Integer> counts = new HashMap<>();
        for (int i = 0; i + order <= text.size(); i++) {
            counts.merge(text.subList(i, i + order), 1, Integer::sum);
        }
        return counts;
    }
}
