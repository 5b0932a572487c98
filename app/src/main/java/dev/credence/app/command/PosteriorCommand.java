package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.console.Style;
import dev.credence.app.json.Json;
import dev.credence.app.model.OpenModel;
import dev.credence.app.print.Detail;
import dev.credence.app.print.PosteriorText;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.Copies;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The exact posterior of a world. */
@Command(
        name = "posterior",
        header = "The exact posterior of a world or a model: the prior, given the evidence.",
        description = {
            "",
            "WORLD is a table of outcomes, in YAML or CSV, or t1, which ships with Credence. MODEL is a checkpoint folder:"
                    + " every completion of the prompts up to the horizon is enumerated.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence posterior world.yaml --beta 0.5",
            "  credence posterior t1 --copies 20 --json",
            "  credence posterior world.yaml --evidence beats:4",
            "  credence posterior world.csv --reward helpful --evidence at-least:1",
            "  credence posterior checkpoint --prompt ha --horizon 5 --reward 'count:[aeiou]' --beta 0.5"
        })
public final class PosteriorCommand extends Subcommand {
    /** Prompts whose outcomes are printed unless all are asked for. */
    private static final int PROMPTS = 5;

    /** Outcomes of a model that JSON holds: the likeliest. */
    private static final int OUTCOMES = 1000;

    @Parameters(paramLabel = "WORLD|MODEL", description = "A world's file, or t1; or a checkpoint folder.")
    private String world = "";

    @Option(names = "--prompt", paramLabel = "P", description = "Of a model: a prompt. May be given several times.")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = "--horizon",
            paramLabel = "T",
            description = "Of a model: tokens after which texts are cut; all up to there are enumerated.")
    private @Nullable Integer horizon;

    @Mixin
    private BeginOption begin = new BeginOption();

    @Mixin
    private EvidenceOption evidence = new EvidenceOption();

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
        Subject source = OpenModel.isModel(world) ? model() : table();
        EvidenceOption.Asked asked = source.asked();
        TableModel prior = source.prior();
        Map<String, Map<String, Finding>> byPrompt = PosteriorFindings.byPrompt(prior, asked);
        Map<String, Finding> overall = PosteriorFindings.overall(prior, byPrompt);
        if (printsText()) {
            print(source, asked, overall);
        }
        Map<String, @Nullable Object> document = document(source, overall, byPrompt);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    /**
     * What is conditioned on what.
     *
     * @param name the world's or the model's
     * @param prior of all outcomes
     * @param asked the evidence
     * @param inputs the files read
     * @param outcomes how many a prompt JSON holds at most
     */
    private record Subject(
            String name, TableModel prior, EvidenceOption.Asked asked, List<Provenance.Input> inputs, int outcomes) {}

    private Subject table() {
        if (horizon != null || !prompts.isEmpty()) {
            String option = horizon != null ? "--horizon" : "--prompt";
            throw InputException.ofOption(
                    option, "given", "it is about a model's checkpoint folder; " + world + " is none");
        }
        WorldInput input = WorldInput.read(world);
        return new Subject(
                input.input().name(),
                input.world().prior(),
                evidence.on(input),
                List.of(input.input()),
                Integer.MAX_VALUE);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    private Subject model() {
        try (Progress progress = working("enumerating")) {
            ModelWorld.Extent extent = new ModelWorld.Extent(prompts, horizon, begin.begin());
            ModelWorld model = ModelWorld.read(world, extent, evidence.reward());
            return new Subject(
                    world, model.prior(), evidence.on(model.prior(), model.reward()), model.inputs(), OUTCOMES);
        }
    }

    private void print(Subject source, EvidenceOption.Asked asked, Map<String, Finding> overall) {
        TableModel prior = source.prior();
        console().line(Style.BOLD, source.name() + " given: " + asked.words());
        if (asked.isTilt()) {
            console()
                    .paragraph(
                            0,
                            "In words: "
                                    + Copies.exactly(evidence.rewardType(), asked.copies())
                                            .words() + ".");
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
            Subject source, Map<String, Finding> overall, Map<String, Map<String, Finding>> byPrompt) {
        EvidenceOption.Asked asked = source.asked();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("evidence", asked.words());
        settings.put("copies", String.valueOf(asked.copies()));
        if (asked.rewardName() != null) {
            settings.put("reward", asked.rewardName());
        }
        settings.put("reward-type", RewardTypes.word(evidence.rewardType()));
        Provenance provenance = provenance(settings, source.inputs());
        Map<String, @Nullable Object> document = Json.document("credence.posterior/1", provenance);
        document.put("evidence", asked.words());
        document.put("copies", asked.copies());
        document.put("findings", Json.findings(overall));
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        TableModel prior = source.prior();
        byPrompt.forEach((prompt, findings) -> {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("weight", prior.weight(prompt));
            fields.put("findings", Json.findings(findings));
            Distribution posterior = asked.posterior().model().given(prompt);
            fields.put("count", prior.given(prompt).size());
            fields.put("outcomes", outcomes(prior.given(prompt), posterior, source.outcomes()));
            prompts.put(prompt, fields);
        });
        document.put("prompts", prompts);
        document.put("provenance", Json.provenance(provenance));
        return document;
    }

    /** All outcomes in their order; of too many the posterior's likeliest, these first. */
    private static Map<String, @Nullable Object> outcomes(Distribution prior, Distribution posterior, int most) {
        IntStream chosen = IntStream.range(0, prior.size());
        if (prior.size() > most) {
            chosen = chosen.boxed()
                    .sorted(Comparator.comparingDouble(i -> -posterior.logProbability(i)))
                    .limit(most)
                    .mapToInt(Integer::intValue);
        }
        Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
        for (int i : chosen.toArray()) {
            Map<String, @Nullable Object> pair = new LinkedHashMap<>();
            pair.put("prior", prior.probability(i));
            pair.put("posterior", posterior.probability(i));
            outcomes.put(prior.outcome(i), pair);
        }
        return outcomes;
    }
}
