package dev.credence.app.console;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Long texts in a narrow column, cut so that different ones look different: of those that begin alike it is where they part that is
 * shown.
 */
final class ToldApart {
    private static final int BEFORE = 6; // characters shown of what they have in common

    private final int columns;
    private final Map<String, String> shown = new HashMap<>();

    private ToldApart(int columns) {
        this.columns = columns;
    }

    /**
     * Cuts them.
     *
     * @param texts any, also alike
     * @param columns of the terminal that each may take
     * @return for each what is shown of it; whole where no part of that size is its own
     */
    static Map<String, String> of(Collection<String> texts, int columns) {
        ToldApart apart = new ToldApart(columns);
        apart.add(List.copyOf(new LinkedHashSet<>(texts)), 0);
        return apart.shown;
    }

    private void add(List<String> texts, int from) {
        Map<String, List<String>> alike = new LinkedHashMap<>();
        for (String text : texts) {
            alike.computeIfAbsent(part(text, from), none -> new ArrayList<>()).add(text);
        }
        alike.forEach((part, those) -> {
            int next = Math.max(0, common(those) - BEFORE);
            if (those.size() == 1) {
                shown.put(those.get(0), part);
            } else if (next > from) {
                add(those, next);
            } else {
                those.forEach(text -> shown.put(text, text));
            }
        });
    }

    private String part(String text, int from) {
        if (from == 0) {
            return Glyphs.clip(text, columns);
        }
        int start = Character.isLowSurrogate(text.charAt(from)) ? from - 1 : from;
        return '…' + Glyphs.clip(text.substring(start), columns - 1);
    }

    /** How many characters all begin with. */
    private static int common(List<String> texts) {
        String first = texts.get(0);
        int common = first.length();
        for (String text : texts) {
            int same = 0;
            while (same < Math.min(common, text.length()) && text.charAt(same) == first.charAt(same)) {
                same++;
            }
            common = same;
        }
        return common;
    }
}
