package dev.credence.app.command;

import dev.credence.app.model.Prompts;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What conditioning a model needs beyond a world. */
final class ModelOptions {
    private static final int AUDIT_SAMPLES = 1000;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Of a model: prompts, one a line: text, or JSON strings, or objects with prompt and"
                    + " prompt_weight.")
    private @Nullable String prompts;

    @Option(names = "--horizon", paramLabel = "T", description = "Of a model: tokens after which texts are cut.")
    private @Nullable Integer horizon;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Of a model: save the tuned policy there, in the hub's format; of several methods each in a"
                    + " folder of its name below.")
    private @Nullable String save;

    @Option(
            names = "--audit-samples",
            paramLabel = "N",
            description =
                    "Of a model whose texts are too many to enumerate: texts to draw a prompt and model for the audit"
                            + " (default 1,000).")
    private int auditSamples = AUDIT_SAMPLES;

    @Mixin
    private BeginOption begin = new BeginOption();

    /** Of a world these say nothing. */
    void refuse(String world) {
        refuse(world, "--prompts", prompts);
        refuse(world, "--horizon", horizon);
        refuse(world, "--save", save);
    }

    private static void refuse(String world, String option, @Nullable Object value) {
        if (value != null) {
            throw InputException.ofOption(
                    option, value.toString(), "it is about a model's checkpoint folder; " + world + " is none");
        }
    }

    Prompts read() {
        if (prompts == null) {
            throw InputException.ofOption("--prompts", "missing", "name a file of prompts");
        }
        return Prompts.read(prompts);
    }

    int horizon() {
        if (horizon == null || !(horizon > 0)) {
            throw InputException.ofOption(
                    "--horizon",
                    horizon == null ? "missing" : horizon.toString(),
                    "texts are cut after so many tokens: 1 or more");
        }
        return horizon;
    }

    int auditSamples() {
        if (!(auditSamples > 1)) {
            throw InputException.ofOption("--audit-samples", Integer.toString(auditSamples), "it must be at least 2");
        }
        return auditSamples;
    }

    BeginToken begin() {
        return begin.begin();
    }

    /** Where a method's policy is saved, or null. */
    @Nullable
    Path target(String method, int methods) {
        if (save == null) {
            return null;
        }
        return methods == 1 ? Path.of(save) : Path.of(save, method);
    }
}
