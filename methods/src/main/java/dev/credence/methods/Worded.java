package dev.credence.methods;

/** A choice that is written as a word of its own; other enums are written as their names in lower case. */
public interface Worded {
    /** {@return the word on the command line and in files} */
    String word();
}
