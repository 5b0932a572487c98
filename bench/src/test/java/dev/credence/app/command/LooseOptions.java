package dev.credence.app.command;

/** Stands outside of its room, to show that it is found. */
public final class LooseOptions {}
