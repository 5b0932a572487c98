package dev.credence.hub.chat;

/** A piece of a template. */
@FunctionalInterface
interface Node {
    /** How it ended: a loop looks at it. */
    enum Flow {
        ON,
        CONTINUE,
        BREAK
    }

    /** Writes what it stands for. */
    Flow render(Scope scope, StringBuilder out);
}
