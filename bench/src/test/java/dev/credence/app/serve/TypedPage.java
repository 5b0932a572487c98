package dev.credence.app.serve;

import dev.credence.app.command.AuditCommand;
import dev.credence.app.demo.DemoCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Breaks the rules of the local page, to show that they can fail; nothing calls it. */
public final class TypedPage {
    @Option(names = "typed")
    private int typed;

    private @Nullable AuditCommand command;
    private @Nullable DemoCommand demo;

    @Override
    public String toString() {
        return typed + " " + (command == null) + (demo == null);
    }
}
