package dev.credence.lab.experiments;

import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which words of a prior's texts can change places: words are what spaces part, and two places of texts of equally many words
 * are alike where the same words, at least two, stand at both.
 */
final class WordPlaces {
    private static final String SPACE = " ";

    private final Map<Integer, List<int[]>> alike = new HashMap<>(); // by number of words: lists of places

    private WordPlaces() {}

    static WordPlaces of(Distribution texts) {
        Map<Integer, List<Set<String>>> seen = new TreeMap<>();
        for (int i = 0; i < texts.size(); i++) {
            if (texts.probability(i) > 0) {
                String[] words = words(texts.outcome(i));
                List<Set<String>> places = seen.computeIfAbsent(words.length, n -> {
                    List<Set<String>> empty = new ArrayList<>();
                    for (int place = 0; place < n; place++) {
                        empty.add(new TreeSet<>());
                    }
                    return empty;
                });
                for (int place = 0; place < words.length; place++) {
                    places.get(place).add(words[place]);
                }
            }
        }
        WordPlaces found = new WordPlaces();
        seen.forEach((count, places) -> {
            Map<Set<String>, List<Integer>> groups = new LinkedHashMap<>();
            for (int place = 0; place < count; place++) {
                groups.computeIfAbsent(places.get(place), words -> new ArrayList<>())
                        .add(place);
            }
            List<int[]> own = new ArrayList<>();
            groups.forEach((words, group) -> {
                if (words.size() > 1 && group.size() > 1) {
                    own.add(group.stream().mapToInt(Integer::intValue).toArray());
                }
            });
            found.alike.put(count, own);
        });
        return found;
    }

    private static String[] words(String text) {
        return text.split(SPACE, -1);
    }

    private List<int[]> groups(String[] words) {
        return alike.getOrDefault(words.length, List.of());
    }

    /** Whether any can. */
    boolean canChange() {
        return alike.values().stream().anyMatch(groups -> !groups.isEmpty());
    }

    /** The text with the words of places alike in order. */
    String sorted(String text) {
        String[] words = words(text);
        for (int[] group : groups(words)) {
            String[] own = own(words, group);
            Arrays.sort(own);
            for (int k = 0; k < group.length; k++) {
                words[group[k]] = own[k];
            }
        }
        return String.join(SPACE, words);
    }

    /** In how many different orders the words of places alike can stand. */
    double orders(String text) {
        String[] words = words(text);
        double orders = 1;
        for (int[] group : groups(words)) {
            Map<String, Integer> counts = new HashMap<>();
            int placed = 0;
            for (String word : own(words, group)) {
                placed++;
                orders = orders * placed / counts.merge(word, 1, Integer::sum);
            }
        }
        return Math.rint(orders);
    }

    private static String[] own(String[] words, int[] group) {
        String[] own = new String[group.length];
        Arrays.setAll(own, k -> words[group[k]]);
        return own;
    }
}
