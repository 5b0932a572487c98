package dev.credence.core.audit;

import java.util.List;
import java.util.Set;

/** The gates that need to know which records are of one text; none where texts are not known. */
final class TextGates {
    private TextGates() {}

    static List<Gate> of(PromptPool pool, Set<String> ids) {
        boolean known = pool.members().stream().anyMatch(m -> m.atoms().hasTexts());
        return known ? List.of(TotalProbability.of(pool, ids), SameText.of(pool, ids)) : List.of();
    }
}
