package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.options.EffortOptions;
import dev.credence.app.options.ExperimentKeys;
import dev.credence.app.options.KeptOutputs;
import dev.credence.app.options.Names;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentKey;
import dev.credence.lab.experiments.ExperimentSettings;
import dev.credence.lab.experiments.ExperimentYaml;
import dev.credence.lab.experiments.Experiments;
import dev.credence.lab.experiments.KeptExperiments;
import dev.credence.lab.experiments.KeptExperiments.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs experiments: those that ship with Credence, and any on the class path. */
@Command(
        name = "run",
        header = "Run an experiment; its figures, page and conclusion go into a folder below runs/.",
        description = {
            "",
            "Each answers one question about how conditioning meets a way of training a model, on worlds whose truth is"
                    + " known; with --transformer also on language models where the experiment has such a part. Every key"
                    + " of an experiment can be set: --settings prints them with explanations, as a file that FILE.yaml"
                    + " takes back. A killed run goes on with `credence resume RUN`, or by the same command with the same -o:"
                    + " experiments, and seeds of one, that are done are not run again. Exit code 4 where what an experiment demands of its figures is not so.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence run --list",
            "  credence run fifty-copies --quick",
            "  credence run fifty-copies --settings > mine.yaml; credence run mine.yaml",
            "  credence run fifty-copies --set betas=0.1,0.01 --set seeds=3",
            "  credence run fifty-copies --model checkpoint --prompts prompts.txt --probe 'JULIET:' --full",
            "  credence run certified --model letters --horizon 5",
            "  credence run all --quick"
        })
public final class RunCommand extends ModelCommand {
    private static final String ALL = "all";

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME|FILE.yaml",
            completionCandidates = Names.OfExperiments.class,
            description = "The experiment, all, or a settings file.")
    private @Nullable String name;

    @Option(names = "--list", description = "List the experiments.")
    private boolean list;

    @Option(
            names = "--settings",
            description = "Print the experiment's settings as YAML, each key explained; run nothing.")
    private boolean settings;

    @Mixin
    private EffortOptions effort = new EffortOptions();

    @Mixin
    private ExperimentKeys keys = new ExperimentKeys();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public RunCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (list) {
            for (Experiment experiment : Experiments.all()) {
                console().line(Style.BOLD, experiment.name());
                console().paragraph(4, experiment.question());
            }
            return ExitCode.DONE;
        }
        effort.check();
        List<Asked> asked = asked();
        if (settings) {
            for (Asked one : asked) {
                console().out().print(one.settings().yaml(one.experiment()));
            }
            return ExitCode.DONE;
        }
        Provenance made = provenance(Map.of(), List.of());
        KeptExperiments kept = asked.size() == 1
                ? KeptExperiments.single(asked.get(0), folder(), made)
                : KeptExperiments.begin(asked, folder(), made);
        KeptOutputs.of(common(), null).keep(kept.run());
        return new RunSession(console(), common(), this::report).go(kept);
    }

    private List<Asked> asked() throws IOException {
        if (name == null) {
            throw InputException.ofSetting("NAME", "missing", "name an experiment: " + names() + ", or all");
        }
        if (name.equals(ALL)) {
            String run = effort.run();
            if (run != null) {
                throw InputException.ofSetting("run", run, "all is several runs; their folders have their own names");
            }
            return Experiments.all().stream()
                    .map(experiment -> asked(experiment, keys.known(experiment)))
                    .toList();
        }
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            ExperimentYaml.Asked file = ExperimentYaml.read(Path.of(name));
            Map<String, String> values = new LinkedHashMap<>(file.values());
            values.putAll(keys.given(file.experiment()));
            return List.of(asked(file.experiment(), values));
        }
        Experiment experiment = Experiments.byName(name);
        return List.of(asked(experiment, keys.given(experiment)));
    }

    private Asked asked(Experiment experiment, Map<String, String> given) {
        Map<String, String> values = new LinkedHashMap<>();
        boolean seeded = experiment.settings().stream().map(ExperimentKey::key).anyMatch("seed"::equals);
        if (seeded && spec.commandLine().getParseResult().hasMatchedOption("--seed")) {
            values.put("seed", Long.toString(common().seed()));
        }
        values.putAll(given);
        return new Asked(experiment, ExperimentSettings.of(experiment, effort.effort(keys.namesModel()), values));
    }

    private static String names() {
        return String.join(
                ", ", Experiments.all().stream().map(Experiment::name).toList());
    }

    private Path folder() throws IOException {
        return Files.createDirectories(effort.folder(name == null || name.equals(ALL) ? "experiments" : name));
    }
}
