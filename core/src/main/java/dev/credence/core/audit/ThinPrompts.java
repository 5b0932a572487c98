package dev.credence.core.audit;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Prompts whose records are too thin to be audited, which a user may have left out of the overall figures: by name, and
 * said in the verdict, for the figures then speak of the others alone.
 *
 * @param names of the prompts
 * @param of how many there are in all
 */
record ThinPrompts(Set<String> names, int of) {
    private static final int NAMED = 3;

    /** None. */
    static final ThinPrompts NONE = new ThinPrompts(Set.of(), 0);

    /**
     * Those of a pool that carry neither the fitted conditional nor a spread of their own; none where no other would be left.
     *
     * @param overall of all of them
     */
    static ThinPrompts of(Evaluation overall) {
        PromptPool pool = overall.estimates().pool();
        if (overall.sources() != Sources.BOTH) {
            return NONE;
        }
        Overlap[] fitted = OverlapReport.of(pool, overall.estimates()).fitted();
        Set<String> names = new LinkedHashSet<>();
        for (int c = 0; c < pool.size(); c++) {
            Overlap overlap = fitted[c];
            StandardErrors errors = overall.errors();
            boolean single = errors != null && errors.isThin(c);
            if (single || overlap.isThin() || overlap.isHeavy() || overlap.isUnseen()) {
                names.add(pool.members().get(c).atoms().prompt());
            }
        }
        return names.size() == pool.size() ? NONE : new ThinPrompts(names, pool.size());
    }

    /** The pool without them. */
    PromptPool keep(PromptPool pool) {
        List<PromptAtoms> kept = pool.members().stream()
                .filter(member -> !names.contains(member.atoms().prompt()))
                .toList();
        return kept.isEmpty() || kept.size() == pool.size() ? pool : pool.of(kept);
    }

    /** The pool of them alone, one each. */
    List<PromptAtoms> among(PromptPool pool) {
        return pool.members().stream()
                .filter(member -> names.contains(member.atoms().prompt()))
                .toList();
    }

    /** The figures that stand, each of which says that it is of the others; measures of texts are of all prompts. */
    void note(Map<String, Finding> findings) {
        if (names.isEmpty()) {
            return;
        }
        String kept = "of " + (of - names.size()) + " of " + of
                + " prompts: those that are too thin were left out, which" + " often are those that moved most";
        findings.replaceAll((id, finding) -> {
            if (!finding.stands() || id.startsWith("diversity.")) {
                return finding;
            }
            return finding.noted(id.endsWith(".heldout") ? "its number of copies is " + kept : kept);
        });
    }

    /** The gate that asks for thin prompts, which passes only because they were left out. */
    Gate qualify(Gate gate) {
        if (names.isEmpty() || !gate.id().equals("thin_prompts")) {
            return gate;
        }
        boolean passes = gate.status() == Gate.Status.PASS;
        return new Gate(
                gate.id(),
                passes ? Gate.Status.WARN : gate.status(),
                gate.figure(),
                named() + (passes ? "" : "; of the others: " + gate.reason()),
                gate.withdraws());
    }

    /** A verdict, which speaks of the others. */
    Verdict qualify(Verdict verdict) {
        return names.isEmpty()
                ? verdict
                : new Verdict(
                        verdict.label(),
                        verdict.text() + " " + named()
                                + ": this speaks of the others, and thin prompts often are those that" + " moved most.",
                        verdict.advice());
    }

    private String named() {
        String named = names.stream().limit(NAMED).map(Words::quoted).collect(Collectors.joining(", "));
        String more = names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "";
        return names.size() + " of " + of + " prompts are too thin and were left out (" + named + more + ")";
    }
}
