package dev.credence.data.json;

/**
 * JSON that is there already, to be written into a document as it is.
 *
 * @param text one JSON value
 */
public record RawJson(String text) {}
