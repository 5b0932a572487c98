package dev.credence.app.view;

import java.util.Arrays;

/** The chapters of a printed audit, and the ids of the findings in each. */
enum Chapter {
    EVIDENCE("Evidence: log Z, the log of the prior's mean of e^(r/β)", "log_z"),
    LEDGER(
            "KL ledger: moved = explained by conditioning + departure from every such conditional",
            "kl.policy_prior kl.explained kl.departure bayes_fraction"),
    ASKED(
            "Against what was asked",
            "kl.asked_prior kl.policy_asked gap.objective reward.prior reward.policy reward.asked"),
    COPIES("Copies of the evidence, by five estimators; they agree for a true conditional only", "copies."),
    NUISANCES("Nuisances: what moved beside the reward; 0 for a true conditional", "nuisance."),
    COLLAPSE("Collapse: what was lost", "kl.prior_policy kl.asked_policy recall entropy. modes. diversity."),
    RECORDS("Records: how many count", "ess. khat.");

    private final String heading;
    private final String ids; // separated by spaces; one that ends with a dot covers all that begin so

    Chapter(String heading, String ids) {
        this.heading = heading;
        this.ids = ids;
    }

    String heading() {
        return heading;
    }

    /** Whether a finding belongs here; ids with a suffix, such as {@code .population}, go with their stem. */
    boolean has(String id) {
        return this == of(id);
    }

    private static Chapter of(String id) {
        return Arrays.stream(values())
                .filter(chapter -> Arrays.stream(chapter.ids.split(" ", -1)).anyMatch(known -> covers(known, id)))
                .findFirst()
                .orElse(RECORDS); // what a later version adds is printed at the end rather than lost
    }

    private static boolean covers(String known, String id) {
        return known.endsWith(".") ? id.startsWith(known) : id.equals(known) || id.startsWith(known + ".");
    }
}
