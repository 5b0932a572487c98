package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Progress;
import dev.credence.app.options.KeptOutputs;
import dev.credence.app.options.OutputFile;
import dev.credence.app.options.StartOptions;
import dev.credence.app.view.ExperimentPages;
import dev.credence.app.view.ExperimentText;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.lab.rewards.JudgementFile;
import dev.credence.lab.rewards.JudgementKind;
import dev.credence.lab.rewards.OpenReward;
import dev.credence.lab.rewards.RewardEvaluation;
import dev.credence.lab.rewards.RewardSettings;
import dev.credence.lab.rewards.RewardTraining;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.training.AdamWSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Learns a reward model, or judges one. */
@Command(
        name = "reward",
        header = "Learns a reward model from judgements, or judges one.",
        description = {
            "",
            "FILE is JSON Lines or Parquet, a judgement a record: prompt, chosen and rejected (pairs, by Bradley and"
                    + " Terry); prompt, completion and approved (approvals, logistic); prompt, completion and probability"
                    + " (probabilities, least squares on their logits). DIR becomes a folder in the hub's"
                    + " sequence-classification form, with a page of what it foretells of judgements held out. It is named as"
                    + " --reward model:DIR wherever a reward is, several as --reward 'mean(model:A,model:B)', min(…) or"
                    + " mean-variance(…). Its score is a logit: 1/beta copies of it are rounds of choice, not observations.",
            "",
            "With --evaluate, a reward model's folder stands in FILE's place, and what is named with the option is foretold.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence reward pairs.jsonl -o runs/helpful --from runs/plays",
            "  credence reward approvals.jsonl -o runs/approved --kind approvals --from runs/plays --lora 8",
            "  credence resume runs/approved",
            "  credence reward runs/helpful --evaluate fresh.jsonl -o helpful.html",
            "  credence condition runs/plays --prompts prompts.txt --method rloo --reward model:runs/helpful --beta 0.5"
        })
public final class RewardCommand extends ModelCommand {
    private static final String DEFAULT = " (default ${DEFAULT-VALUE})";

    @Parameters(paramLabel = "FILE|DIR", description = "Judgements to learn; with --evaluate a reward model's folder.")
    private String input = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR|FILE",
            description = "The model's folder, new or empty; with --evaluate a page, where one is wanted.")
    private @Nullable String output;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "pairs, approvals or probabilities (default: what the first record is).")
    private @Nullable String kind;

    @Option(names = "--evaluate", paramLabel = "FILE", description = "Judgements that the model is to foretell.")
    private @Nullable String evaluate;

    @Mixin
    private StartOptions start = new StartOptions();

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "0",
            description = "Steps of AdamW (default: each judgement is read eight times, within 100 to 300 steps)")
    private long steps;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Judgements a step" + DEFAULT)
    private int batch;

    @Option(
            names = "--lr",
            paramLabel = "X",
            defaultValue = "0.0005",
            description = "Learning rate at its peak; it falls to 0 along half a cosine" + DEFAULT)
    private double lr;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "20",
            description = "Steps in which the rate rises from 0, on a line" + DEFAULT)
    private long warmup;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            defaultValue = "0.01",
            description = "Decoupled decay of matrices" + DEFAULT)
    private double weightDecay;

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of the judgements that is not learned but foretold at the end" + DEFAULT)
    private double heldOut;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N|Ts",
            defaultValue = "60s",
            description =
                    "Steps, or seconds, between checkpoints; `credence resume DIR` goes on from the last one" + DEFAULT)
    private String every = "60s";

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public RewardCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        JudgementKind asked = kind == null ? null : JudgementKind.of(kind);
        if (evaluate != null) {
            judge(evaluate, asked);
        } else {
            learn(asked);
        }
        return ExitCode.DONE;
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    private void judge(String file, @Nullable JudgementKind asked) throws IOException {
        List<String> inputs = new ArrayList<>(List.of(file));
        common().json().check(inputs);
        if (output != null) {
            OutputFile.check("output", output, inputs);
        }
        JudgementFile judgements = JudgementFile.read(file, asked);
        try (OpenReward reward = OpenReward.open(Path.of(input));
                Progress progress = working("scoring " + file)) {
            reward.warnings().forEach(this::report);
            RewardEvaluation evaluation = RewardEvaluation.of(judgements, reward);
            List<Provenance.Input> read = new ArrayList<>(reward.inputs());
            read.add(judgements.input());
            Provenance provenance =
                    provenance(Map.of("model", input, "kind", judgements.kind().word()), read);
            Map<String, @Nullable Object> document = Json.document("credence.reward-evaluation/1", provenance);
            document.put("model", input);
            document.put("kind", judgements.kind().word());
            evaluation.putIn(document);
            document.put("provenance", Json.provenance(provenance));
            if (output != null) {
                ExperimentPages.write(Path.of(output), evaluation, document, provenance);
                report("wrote " + output);
            }
            show(evaluation);
            common().json().write(console(), out -> Json.write(document, out));
        }
    }

    private void learn(@Nullable JudgementKind asked) throws IOException {
        if (output == null) {
            throw InputException.ofSetting("output", "missing", "it names the folder that the model is written to");
        }
        common().json().check(List.of(input));
        RewardSettings settings = RewardSettings.standard()
                .start(start.settings())
                .steps(steps, batch)
                .heldOut(heldOut)
                .every(CheckpointInterval.parse(every))
                .optimiser(AdamWSettings.standard().rate(lr, warmup, 0).weightDecay(weightDecay));
        JudgementFile judgements = JudgementFile.read(input, asked);
        RewardTraining training = RewardTraining.begin(
                Path.of(output), judgements, settings, provenance(new LinkedHashMap<>(), List.of()), this::report);
        KeptOutputs.of(common(), null).keep(training.run());
        new RewardSession(console(), common(), this::report).show(training.go(), judgements.kind(), output);
    }

    private void show(RewardEvaluation evaluation) {
        if (printsText()) {
            new ExperimentText(console()).print(evaluation);
        }
    }
}
