package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.console.Style;
import dev.credence.app.options.BeginOption;
import dev.credence.app.options.EvidenceOption;
import dev.credence.app.options.Names;
import dev.credence.app.options.NetworkOptions;
import dev.credence.app.options.PrecisionOption;
import dev.credence.app.options.SearchOptions;
import dev.credence.app.view.Detail;
import dev.credence.app.view.PosteriorDocument;
import dev.credence.app.view.PosteriorText;
import dev.credence.app.view.SearchDocument;
import dev.credence.app.view.SearchReport;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.Copies;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.data.rewards.NamedReward;
import dev.credence.hub.EndChoice;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPrecision;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.posteriors.ModelPosterior;
import dev.credence.lab.posteriors.NetworkPosterior;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.posteriors.PosteriorTable;
import dev.credence.lab.posteriors.Posteriors;
import dev.credence.lab.posteriors.PromptSearch;
import dev.credence.lab.posteriors.SearchRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            "WORLD is a table of outcomes, in YAML or CSV, or a network of variables, in YAML, or one that ships with"
                    + " Credence (credence worlds). A network's posterior also tells of what texts hide. MODEL is a checkpoint folder:"
                    + " every completion of the prompts up to the horizon is enumerated, or, where there are too many or"
                    + " --until, --budget, --draw or --next is given, searched for: what the evidence excludes is not"
                    + " looked behind, and what it has decided is summed at once.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence posterior world.yaml --beta 0.5",
            "  credence posterior t1 --copies 20 --json",
            "  credence posterior world.yaml --evidence beats:4",
            "  credence posterior authors --observe quality=3",
            "  credence posterior authors --given humans --reward quality --beta 0.5",
            "  credence posterior world.csv --reward helpful --evidence at-least:1",
            "  credence posterior checkpoint --prompt ha --horizon 5 --reward 'count:[aeiou]' --beta 0.5",
            "  credence posterior checkpoint --prompt 'ROMEO:' --horizon 12 --reward 'regex:^My love' --evidence at-least:1",
            "  credence posterior checkpoint --prompt ha --horizon 8 --reward 'contains:ee' --until 1e-6 --draw 10 --next",
            "  credence posterior checkpoint --prompt ha --horizon 8 --evidence 'prompt:ve and 0.5*count:[aeiou]' --until 1e-6"
        })
public final class PosteriorCommand extends ModelCommand {
    /** Prompts whose outcomes are printed unless all are asked for. */
    private static final int PROMPTS = 5;

    @Parameters(
            paramLabel = "WORLD|MODEL",
            completionCandidates = Names.OfWorlds.class,
            description = "A world's file or name; or a checkpoint folder.")
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
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private SearchOptions search = new SearchOptions();

    @Mixin
    private NetworkOptions network = new NetworkOptions();

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
        SearchRequest request = search.request(common().seed());
        if (OpenModel.isModel(world)) {
            network.refuse(world);
            return model(request);
        }
        refuseOfWorlds();
        Optional<NetworkInput> variables = NetworkInput.read(world);
        if (variables.isPresent()) {
            return tell(variables.get().input(), NetworkPosterior.of(variables.get(), network.question(evidence)));
        }
        network.refuse(world);
        WorldInput input = WorldInput.read(world);
        PosteriorTable table = Posteriors.of(input, evidence.question());
        return tell(
                new Told(input.input().name(), table.asked(), table.findings(), List.of(input.input()), Map.of()),
                table,
                Map.of());
    }

    private int tell(Provenance.Input input, NetworkPosterior of) throws IOException {
        PosteriorTable table = of.table();
        Told told = new Told(input.name(), table.asked(), table.findings(), List.of(input), Map.of());
        if (printsText()) {
            printFindings(told, table.prior().prompts().size());
            if (of.isOfTexts()) {
                printOutcomes(table);
            }
            new PosteriorText(console(), detail()).beliefs(table.prior().prompts(), of);
        }
        String reward = told.asked.reward().map(NamedReward::name).orElse(null);
        write(told, reward, new PosteriorDocument(of).prompts(Map.of()));
        return ExitCode.DONE;
    }

    private void refuseOfWorlds() {
        search.refuse(world);
        precision.refuse(world);
        if (horizon != null || !prompts.isEmpty()) {
            String option = horizon != null ? "horizon" : "prompt";
            throw InputException.ofSetting(
                    option, "given", "it is about a model's checkpoint folder; " + world + " is none");
        }
    }

    /**
     * What is told, of a table or a search.
     *
     * @param name the world's or the model's
     * @param asked the evidence
     * @param findings over all prompts
     * @param inputs the files read
     * @param models what the provenance says of the model
     */
    private record Told(
            String name,
            AskedEvidence asked,
            Map<String, Finding> findings,
            List<Provenance.Input> inputs,
            Map<String, String> models) {}

    @SuppressWarnings("try") // that the progress is open is all it does
    private int model(SearchRequest request) throws IOException {
        ModelPrompts.Extent extent = new ModelPrompts.Extent(prompts, horizon, begin.begin());
        PosteriorQuestion question = evidence.question();
        question.checkOfModel();
        extent.check();
        ModelPosterior found;
        List<Provenance.Input> inputs;
        Map<String, String> models = new LinkedHashMap<>();
        try (OpenModel opened = OpenModel.open(world, EndChoice.AUTO, precision.precision());
                Progress progress = working("looking behind prompts")) {
            inputs = opened.inputs();
            PrecisionOption.describe(opened, models);
            found = Posteriors.of(ModelPrompts.of(opened, extent), question, request, this::report);
        }
        Told told = new Told(world, found.asked(), found.findings(), inputs, models);
        return found.table().isPresent()
                ? tell(told, found.table().get(), found.searched())
                : tellSearched(told, found.searched());
    }

    private int tell(Told told, PosteriorTable table, Map<String, PromptSearch> searched) throws IOException {
        boolean isOfModel = OpenModel.isModel(world);
        if (printsText()) {
            int count = table.prior().prompts().size();
            printFindings(told, count);
            if (isOfModel) {
                new SearchReport(console(), detail()).enumerated(table.prior());
            }
            printOutcomes(table);
            new SearchReport(console(), detail()).told(searched);
        }
        String reward = told.asked.reward().map(NamedReward::name).orElse(null);
        write(told, reward, new PosteriorDocument(table, isOfModel).prompts(searched));
        return ExitCode.DONE;
    }

    /** A model's posterior without a table of its outcomes. */
    private int tellSearched(Told told, Map<String, PromptSearch> searched) throws IOException {
        if (printsText()) {
            printFindings(told, searched.size());
            new SearchReport(console(), detail()).all(searched);
        }
        searched.forEach((prompt, found) -> {
            if (found.stopped()) {
                report("prompt '" + prompt + "': stopped after " + search.budget()
                        + " s; what is left keeps the interval "
                        + found.certificate().logPartition().width() + " nats wide");
            }
        });
        String reward =
                told.asked.reward().map(named -> named.function().toString()).orElse(null);
        write(told, reward, SearchDocument.prompts(searched));
        return ExitCode.DONE;
    }

    private Detail detail() {
        return common().verbose() ? Detail.FULL : Detail.BRIEF;
    }

    /** What is given, in how many copies where they have a meaning, and the figures. */
    private void printFindings(Told told, int count) {
        AskedEvidence asked = told.asked;
        console().line(Style.BOLD, told.name + " given: " + asked.words());
        String computed = told.models.get("model-precision");
        if (computed != null && precision.precision() != ModelPrecision.FP32) {
            console().line("figures are of the model as it computes in " + computed);
        }
        if (asked.isTilt()) {
            Copies copies = Copies.exactly(evidence.rewardType(), asked.copies());
            console().paragraph(0, "In words: " + copies.words() + ".");
        }
        new PosteriorText(console(), detail())
                .findings(count == 1 ? "Posterior" : "Posterior, means over " + count + " prompts", told.findings);
    }

    private void printOutcomes(PosteriorTable table) {
        PosteriorText text = new PosteriorText(console(), detail());
        List<String> all = table.prior().prompts();
        RewardFunction reward =
                table.asked().reward().map(NamedReward::function).orElse(null);
        all.stream()
                .limit(common().verbose() ? all.size() : PROMPTS)
                .forEach(prompt -> text.outcomes(prompt, table.prior().given(prompt), table.outcomes(prompt), reward));
        if (all.size() > PROMPTS && !common().verbose()) {
            console().line();
            console().line(Style.DIM, "the first " + PROMPTS + " of " + all.size() + " prompts; --verbose prints all");
        }
    }

    private void write(Told told, @Nullable String reward, Map<String, @Nullable Object> byPrompt) throws IOException {
        AskedEvidence asked = told.asked;
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("evidence", asked.words());
        settings.put("copies", String.valueOf(asked.copies()));
        if (reward != null) {
            settings.put("reward", reward);
        }
        settings.put("reward-type", evidence.rewardType().word());
        network.describe(settings);
        settings.putAll(told.models);
        Provenance provenance = provenance(settings, withConfig(told.inputs));
        Map<String, @Nullable Object> document = Json.document("credence.posterior/1", provenance);
        document.put("evidence", asked.words());
        document.put("copies", asked.copies());
        document.put("findings", Json.findings(told.findings));
        document.put("prompts", byPrompt);
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
    }
}
