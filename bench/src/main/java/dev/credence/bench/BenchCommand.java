package dev.credence.bench;

import dev.credence.app.console.Console;
import dev.credence.app.options.HelpOption;
import dev.credence.bench.coverage.CoverageBench;
import dev.credence.bench.limits.LimitsBench;
import dev.credence.bench.speed.AuditBench;
import dev.credence.bench.speed.MethodsBench;
import dev.credence.bench.speed.ParticlesBench;
import dev.credence.bench.speed.SmcBench;
import dev.credence.bench.speed.TorchBench;
import dev.credence.bench.speed.TrainBench;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code credence bench}: measurements. */
@Command(
        name = "bench",
        description =
                "Measures Credence itself: coverage of its intervals, speed of its audit and of its" + " transformers.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  credence bench coverage",
            "  credence bench audit --records 1000000",
            "  credence bench torch",
            "  credence bench methods",
            "  credence bench smc",
            "  credence bench particles",
            "  credence bench limits"
        })
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @SuppressWarnings("UnusedVariable") // that it is there is all that picocli needs
    @Mixin
    private HelpOption help = new HelpOption();

    private BenchCommand() {}

    /**
     * The command with its subcommands.
     *
     * @param console where it prints
     * @return what to register
     */
    public static CommandLine of(Console console) {
        return new CommandLine(new BenchCommand())
                .addSubcommand(new CoverageBench(console))
                .addSubcommand(new AuditBench(console))
                .addSubcommand(new TorchBench(console))
                .addSubcommand(new TrainBench(console))
                .addSubcommand(new MethodsBench(console))
                .addSubcommand(new SmcBench(console))
                .addSubcommand(new ParticlesBench(console))
                .addSubcommand(new LimitsBench(console));
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "name a measurement: coverage, audit, torch, train, methods, smc, particles or limits");
    }
}
