package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.console.Style;
import dev.credence.app.view.Detail;
import dev.credence.app.view.PosteriorText;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.Copies;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.OpenModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
                    + " Credence (credence worlds). A network's posterior is also told of what texts hide. MODEL is a checkpoint folder:"
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
            "  credence posterior checkpoint --prompt ha --horizon 8 --reward 'contains:ee' --until 1e-6 --draw 10 --next"
        })
public final class PosteriorCommand extends Subcommand {
    /** Prompts whose outcomes are printed unless all are asked for. */
    private static final int PROMPTS = 5;

    /** Completions of a prompt that are kept as a table; where there are more the posterior is searched for. */
    private static final double ENUMERATED = 2e6;

    @Parameters(paramLabel = "WORLD|MODEL", description = "A world's file or name; or a checkpoint folder.")
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
        search.check();
        if (OpenModel.isModel(world)) {
            network.refuse(world);
            return model();
        }
        return tell(table(), Map.of());
    }

    private int tell(Subject source, Map<String, PromptSearch> searched) throws IOException {
        EvidenceOption.Asked asked = source.asked();
        TableModel prior = source.prior();
        Map<String, Map<String, Finding>> byPrompt = PosteriorFindings.byPrompt(prior, asked);
        Map<String, Finding> overall = PosteriorFindings.overall(prior, byPrompt);
        NetworkPosterior of = source.network();
        if (of != null) {
            overall = of.told(overall);
            byPrompt.replaceAll((prompt, findings) -> of.told(findings));
        }
        if (printsText()) {
            print(source, asked, overall);
            new SearchReport(console(), detail()).told(searched);
        }
        Map<String, @Nullable Object> document = document(source, overall, byPrompt, searched);
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
     * @param network where there are variables behind the texts
     */
    private record Subject(
            String name,
            TableModel prior,
            EvidenceOption.Asked asked,
            List<Provenance.Input> inputs,
            int outcomes,
            @Nullable NetworkPosterior network) {}

    private Subject table() {
        search.refuse(world);
        if (horizon != null || !prompts.isEmpty()) {
            String option = horizon != null ? "horizon" : "prompt";
            throw InputException.ofSetting(
                    option, "given", "it is about a model's checkpoint folder; " + world + " is none");
        }
        Optional<NetworkInput> variables = NetworkInput.read(world);
        if (variables.isPresent()) {
            Provenance.Input input = variables.get().input();
            NetworkPosterior of = new NetworkPosterior(variables.get(), network, evidence);
            return new Subject(input.name(), of.prior(), of.asked(), List.of(input), Integer.MAX_VALUE, of);
        }
        network.refuse(world);
        WorldInput input = WorldInput.read(world);
        return new Subject(
                input.input().name(),
                input.world().prior(),
                evidence.on(input),
                List.of(input.input()),
                Integer.MAX_VALUE,
                null);
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    private int model() throws IOException {
        ModelPrompts.Extent extent = new ModelPrompts.Extent(prompts, horizon, begin.begin());
        String rewardText = evidence.reward();
        ModelPrompts.check(extent, rewardText);
        RewardName named = RewardName.of(String.valueOf(rewardText));
        RewardExpression reward = RewardExpression.parse(named.text());
        Subject subject = null;
        Map<String, PromptSearch> searched = Map.of();
        List<Provenance.Input> inputs;
        try (OpenModel opened = OpenModel.open(world);
                Progress progress = working("looking behind prompts")) {
            ModelPrompts asked = ModelPrompts.of(opened, extent, reward, named.name());
            inputs = opened.inputs();
            boolean whole = !search.isAnytime() && asked.completions() <= ENUMERATED;
            if (whole) {
                ModelWorld model = ModelWorld.of(asked);
                EvidenceOption.Asked posterior = evidence.on(model.prior(), model.reward());
                subject = new Subject(
                        world, model.prior(), posterior, model.inputs(), PosteriorDocument.OF_A_MODEL, null);
            }
            if (!whole || search.tells()) {
                searched = searched(asked, whole);
            }
        }
        return subject == null ? tellSearched(searched, reward, inputs) : tell(subject, searched);
    }

    private Map<String, PromptSearch> searched(ModelPrompts asked, boolean whole) {
        ModelSearch searching = new ModelSearch(asked, evidence.pointwise(), search, common().seed());
        List<String> unfollowed = searching.unfollowed();
        if (!whole && !unfollowed.isEmpty() && !search.isAnytime()) {
            throw InputException.ofSetting(
                    "horizon",
                    String.valueOf(horizon),
                    "there are " + String.format(Locale.ROOT, "%.3g", asked.completions())
                            + " completions, and nothing is known of the reward before they are complete ("
                            + String.join("; ", unfollowed)
                            + "): choose a shorter one, or give --budget SECONDS");
        }
        if (!whole) {
            unfollowed.forEach(reason -> report("not bounded token by token: " + reason));
        }
        return searching.byPrompt();
    }

    /** A model's posterior without a table of its outcomes. */
    private int tellSearched(Map<String, PromptSearch> searched, RewardExpression reward, List<Provenance.Input> inputs)
            throws IOException {
        EvidenceOption.Pointwise asked = evidence.pointwise();
        Map<String, Finding> overall = PosteriorFindings.overallOf(
                searched.values().stream().map(PromptSearch::findings).toList());
        if (printsText()) {
            heading(world, asked.words(), asked.isTilt() ? asked.copies() : Double.NaN);
            int count = searched.size();
            new PosteriorText(console(), detail())
                    .findings(count == 1 ? "Posterior" : "Posterior, means over " + count + " prompts", overall);
            new SearchReport(console(), detail()).all(searched);
        }
        searched.forEach((prompt, found) -> {
            if (found.stopped()) {
                report("prompt '" + prompt + "': stopped after " + search.seconds()
                        + " s; what is left keeps the interval "
                        + found.certificate().logPartition().width() + " nats wide");
            }
        });
        Map<String, String> settings = settings(asked.words(), asked.copies(), reward.toString());
        Provenance provenance = provenance(settings, inputs);
        Map<String, @Nullable Object> document = Json.document("credence.posterior/1", provenance);
        document.put("evidence", asked.words());
        document.put("copies", asked.copies());
        document.put("findings", Json.findings(overall));
        document.put("prompts", SearchDocument.prompts(searched));
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private Detail detail() {
        return common().verbose() ? Detail.FULL : Detail.BRIEF;
    }

    /** What is given, and in how many copies; NaN where copies have no meaning. */
    private void heading(String name, String words, double copies) {
        console().line(Style.BOLD, name + " given: " + words);
        if (!Double.isNaN(copies)) {
            console()
                    .paragraph(
                            0,
                            "In words: "
                                    + Copies.exactly(evidence.rewardType(), copies)
                                            .words() + ".");
        }
    }

    private Map<String, String> settings(String words, double copies, @Nullable String reward) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("evidence", words);
        settings.put("copies", String.valueOf(copies));
        if (reward != null) {
            settings.put("reward", reward);
        }
        settings.put("reward-type", evidence.rewardType().word());
        network.describe(settings);
        return settings;
    }

    private void print(Subject source, EvidenceOption.Asked asked, Map<String, Finding> overall) {
        TableModel prior = source.prior();
        heading(source.name(), asked.words(), asked.isTilt() ? asked.copies() : Double.NaN);
        PosteriorText text = new PosteriorText(console(), detail());
        int prompts = prior.prompts().size();
        text.findings(prompts == 1 ? "Posterior" : "Posterior, means over " + prompts + " prompts", overall);
        if (source.outcomes() == PosteriorDocument.OF_A_MODEL) {
            new SearchReport(console(), detail()).enumerated(prior);
        }
        prior.prompts().stream().limit(common().verbose() ? prompts : PROMPTS).forEach(prompt -> {
            Distribution posterior = asked.posterior().model().given(prompt);
            NetworkPosterior of = source.network();
            if (of == null || of.isOfTexts()) {
                text.outcomes(prompt, prior.given(prompt), posterior, asked.reward());
            }
            if (of != null) {
                NetworkPosterior.Beliefs beliefs = of.beliefs(prompt);
                text.beliefs(prompt, "Hidden variables", beliefs.hidden());
                text.beliefs(prompt, "Probes", beliefs.probes());
            }
        });
        if (prompts > PROMPTS && !common().verbose()) {
            console().line();
            console().line(Style.DIM, "the first " + PROMPTS + " of " + prompts + " prompts; --verbose prints all");
        }
    }

    private Map<String, @Nullable Object> document(
            Subject source,
            Map<String, Finding> overall,
            Map<String, Map<String, Finding>> byPrompt,
            Map<String, PromptSearch> searched) {
        EvidenceOption.Asked asked = source.asked();
        Provenance provenance =
                provenance(settings(asked.words(), asked.copies(), asked.rewardName()), source.inputs());
        Map<String, @Nullable Object> document = Json.document("credence.posterior/1", provenance);
        document.put("evidence", asked.words());
        document.put("copies", asked.copies());
        document.put("findings", Json.findings(overall));
        document.put(
                "prompts",
                new PosteriorDocument(source.prior(), asked, source.outcomes(), source.network())
                        .prompts(byPrompt, searched));
        document.put("provenance", Json.provenance(provenance));
        return document;
    }
}
