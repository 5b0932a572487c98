package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.json.Json;
import dev.credence.app.print.MethodTableText;
import dev.credence.app.print.Shown;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.report.ReportDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Conditions a world by one or several methods, and audits each exactly. */
@Command(
        name = "condition",
        header = "Condition a world by one or several methods: asked, aimed, got.",
        description = {
            "",
            "Asked is the reward at --beta. Each method states what it aims at; what was got is the exact audit of the"
                    + " policy it arrives at.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence condition t1 --method best-of-n --n 4",
            "  credence condition world.yaml --method tilt,best-of-n,quantilizer --beta 1 --n 4 --q 0.25",
            "  credence condition world.yaml --method feedme --threshold 2 --json condition.json -o report.html",
            "",
            "The methods and their options: credence methods"
        })
public final class ConditionCommand extends Subcommand {
    @Parameters(paramLabel = "WORLD", description = "A world's file, or t1.")
    private String world = "";

    @Option(
            names = {"-m", "--method"},
            required = true,
            paramLabel = "M,M...",
            description = "The methods, separated by commas.")
    private String methods = "";

    @Mixin
    private RewardOptions question = new RewardOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Also write the report, one HTML file.")
    private @Nullable String output;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ConditionCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        Double stated = question.beta();
        double beta = stated == null ? 1 : stated;
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofOption("--beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
        common().json().check(List.of(world));
        if (output != null) {
            OutputFile.check("--output", output, List.of(world));
        }
        List<Conditioner> chosen = Methods.byNames(methods);
        MethodOptions given = MethodArguments.given(spec, question.rewardType());
        Methods.requireKnown(new MethodOptions(without(given.values(), "beta"), question.rewardType()), chosen);
        WorldInput source = WorldInput.read(world);
        WorldInput.Named named = source.reward("--reward", question.reward());
        MethodRun.Asked asked = new MethodRun.Asked(
                source.world().prior(), named.name(), named.function(), beta, question.rewardType());
        List<MethodRun> runs = new ArrayList<>();
        for (Conditioner method : chosen) {
            runs.add(MethodRun.of(method, only(given, method), named.function(), asked, common().seed()));
        }
        write(source, asked, runs);
        return ExitCode.DONE;
    }

    private void write(WorldInput source, MethodRun.Asked asked, List<MethodRun> runs) throws IOException {
        if (printsText()) {
            console().line(Style.BOLD, source.input().name() + ", reward '" + asked.rewardName() + "'");
            new MethodTableText(console()).print(MethodTables.table(runs));
            aims(runs);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("method", methods);
        settings.put("beta", String.valueOf(asked.beta()));
        settings.put("reward", asked.rewardName());
        settings.put("reward-type", RewardTypes.word(question.rewardType()));
        Provenance provenance = provenance(settings, List.of(source.input()));
        Map<String, @Nullable Object> document = Json.document("credence.condition/1", provenance);
        document.put("methods", MethodTables.json(runs, asked));
        document.put("provenance", Json.provenance(provenance));
        common().json().write(console(), out -> Json.write(document, out));
        if (output != null) {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            Json.write(document, json);
            ReportDocument report = new ReportDocument(
                    source.input().name() + ", conditioned",
                    MethodTables.table(runs),
                    MethodTables.audits(runs, asked, provenance),
                    provenance,
                    json.toString(StandardCharsets.UTF_8));
            Audited.writeHtml(report, Path.of(output));
            report("wrote " + output);
        }
    }

    private void aims(List<MethodRun> runs) {
        console().line();
        console().line(Style.BOLD, "How each meets its own aim");
        TextTable table =
                new TextTable(0).words("method", 30).numbers("KL(π‖aimed)").numbers("KL(aimed‖π)");
        for (MethodRun run : runs) {
            table.row(
                    Style.PLAIN,
                    run.label(),
                    Shown.estimate(run.findings().get("kl.policy_aimed")),
                    Shown.estimate(run.findings().get("kl.aimed_policy")));
            table.note("minimises on the way: " + run.conditioned().aim().divergence());
            if (run.conditioned().aim().noPosterior() != null) {
                table.note("aims at no posterior: " + run.conditioned().aim().noPosterior());
            }
        }
        table.print(console());
    }

    /** The options that a method has, of all that were given. */
    private static MethodOptions only(MethodOptions given, Conditioner method) {
        MethodOptions own = MethodOptions.none().with(given.rewardType());
        for (var option : method.card().options()) {
            if (given.has(option.name())) {
                own = own.with(option.name(), given.text(option));
            }
        }
        return own;
    }

    private static Map<String, String> without(Map<String, String> values, String name) {
        Map<String, String> rest = new LinkedHashMap<>(values);
        rest.remove(name);
        return rest;
    }
}
