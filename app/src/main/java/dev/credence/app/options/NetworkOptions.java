package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.posteriors.NetworkQuestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** What is asked of a world that is a network, beside a reward. */
public final class NetworkOptions {
    @Option(
            names = "--observe",
            paramLabel = "VARIABLE=VALUE",
            description = "Of a network: what a text shows, as evidence. May be given several times. Without --reward,"
                    + " --evidence, --beta and --copies it is all the evidence.")
    private List<String> observed = new ArrayList<>();

    @Option(
            names = "--given",
            paramLabel = "VARIABLE=VALUE|POPULATION",
            description = "Of a network: the prior is of this population, or has this variable fixed, hidden or not,"
                    + " whatever it depends on. May be given several times.")
    private List<String> given = new ArrayList<>();

    /** For the parser, which fills the fields. */
    public NetworkOptions() {}

    /**
     * What is asked, with evidence of other kinds beside it.
     *
     * @param evidence of other kinds
     * @return the question
     */
    public NetworkQuestion question(EvidenceOption evidence) {
        boolean isAll = !observed.isEmpty() && !evidence.isGiven();
        return new NetworkQuestion(given, observed, isAll ? null : evidence.question());
    }

    /** {@return what texts show, as typed} */
    public List<String> observed() {
        return observed;
    }

    /** {@return populations and fixed variables, as typed} */
    public List<String> given() {
        return given;
    }

    /**
     * They are about networks alone.
     *
     * @param world the name of one that is none
     * @throws InputException if one is given
     */
    public void refuse(String world) {
        if (!observed.isEmpty() || !given.isEmpty()) {
            throw InputException.ofSetting(
                    observed.isEmpty() ? "given" : "observe",
                    String.join(", ", observed.isEmpty() ? given : observed),
                    "it is about a world of variables; " + world + " has none");
        }
    }

    /**
     * What the provenance says of it.
     *
     * @param settings of the provenance, added to
     */
    public void describe(Map<String, String> settings) {
        if (!observed.isEmpty()) {
            settings.put("observe", String.join(", ", observed));
        }
        if (!given.isEmpty()) {
            settings.put("given", String.join(", ", given));
        }
    }
}
