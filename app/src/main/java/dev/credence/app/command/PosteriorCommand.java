package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.json.Json;
import dev.credence.app.print.Detail;
import dev.credence.app.print.PosteriorText;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.Copies;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The exact posterior of a world. */
@Command(
        name = "posterior",
        header = "The exact posterior of a world: the prior, given the evidence.",
        description = {"", "WORLD is a table of outcomes, in YAML or CSV, or t1, which ships with Credence.", ""},
        footer = {
            "",
            "Examples:",
            "  credence posterior world.yaml --beta 0.5",
            "  credence posterior t1 --copies 20 --json",
            "  credence posterior world.yaml --evidence beats:4",
            "  credence posterior world.csv --reward helpful --evidence at-least:1"
        })
public final class PosteriorCommand extends Subcommand {
    /** Prompts whose outcomes are printed unless all are asked for. */
    private static final int PROMPTS = 5;

    @Parameters(paramLabel = "WORLD", description = "A world's file, or t1.")
    private String world = "";

    @Mixin
    private EvidenceOption evidence = new EvidenceOption();

    @Option(
            names = "--reward-type",
            paramLabel = "TYPE",
            converter = RewardTypes.class,
            completionCandidates = RewardTypes.class,
            defaultValue = "score",
            description = "What the reward is, for the words about copies: ${COMPLETION-CANDIDATES} (default score).")
    private RewardType rewardType = RewardType.SCORE;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public PosteriorCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of(world));
        WorldInput source = WorldInput.read(world);
        EvidenceOption.Asked asked = evidence.on(source);
        TableModel prior = source.world().prior();
        Map<String, Map<String, Finding>> byPrompt = PosteriorFindings.byPrompt(prior, asked);
        Map<String, Finding> overall = PosteriorFindings.overall(prior, byPrompt);
        if (printsText()) {
            print(source, asked, overall);
        }
        Map<String, @Nullable Object> document = document(source, asked, overall, byPrompt);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private void print(WorldInput source, EvidenceOption.Asked asked, Map<String, Finding> overall) {
        TableModel prior = source.world().prior();
        console().line(Style.BOLD, source.input().name() + " given: " + asked.words());
        if (asked.isTilt()) {
            console()
                    .paragraph(
                            0,
                            "In words: "
                                    + Copies.exactly(rewardType, asked.copies()).words() + ".");
        }
        Detail detail = common().verbose() ? Detail.FULL : Detail.BRIEF;
        PosteriorText text = new PosteriorText(console(), detail);
        int prompts = prior.prompts().size();
        text.findings(prompts == 1 ? "Posterior" : "Posterior, means over " + prompts + " prompts", overall);
        prior.prompts().stream().limit(common().verbose() ? prompts : PROMPTS).forEach(prompt -> {
            Distribution posterior = asked.posterior().model().given(prompt);
            text.outcomes(prompt, prior.given(prompt), posterior, asked.reward());
        });
        if (prompts > PROMPTS && !common().verbose()) {
            console().line();
            console().line(Style.DIM, "the first " + PROMPTS + " of " + prompts + " prompts; --verbose prints all");
        }
    }

    private Map<String, @Nullable Object> document(
            WorldInput source,
            EvidenceOption.Asked asked,
            Map<String, Finding> overall,
            Map<String, Map<String, Finding>> byPrompt) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("evidence", asked.words());
        settings.put("copies", String.valueOf(asked.copies()));
        if (asked.rewardName() != null) {
            settings.put("reward", asked.rewardName());
        }
        settings.put("reward-type", RewardTypes.word(rewardType));
        Provenance provenance = provenance(settings, List.of(source.input()));
        Map<String, @Nullable Object> document = Json.document("credence.posterior/1", provenance);
        document.put("evidence", asked.words());
        document.put("copies", asked.copies());
        document.put("findings", Json.findings(overall));
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        TableModel prior = source.world().prior();
        byPrompt.forEach((prompt, findings) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("weight", prior.weight(prompt));
            fields.put("findings", Json.findings(findings));
            fields.put(
                    "outcomes",
                    outcomes(prior.given(prompt), asked.posterior().model().given(prompt)));
            prompts.put(prompt, fields);
        });
        document.put("prompts", prompts);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    private static Map<String, @Nullable Object> outcomes(Distribution prior, Distribution posterior) {
        Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
        for (int i = 0; i < prior.size(); i++) {
            Map<String, @Nullable Object> pair = new LinkedHashMap<>();
            pair.put("prior", prior.probability(i));
            pair.put("posterior", posterior.probability(i));
            outcomes.put(prior.outcome(i), pair);
        }
        return outcomes;
    }
}
