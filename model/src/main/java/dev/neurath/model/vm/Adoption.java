package dev.neurath.model.vm;

/**
 * Where an adopted VM comes from.
 *
 * @param process the one that somebody else started, when it was ordered to be taken over; another one is another VM
 * @param supervisedConsent its owner agreed although a supervisor looks after it
 */
public record Adoption(QemuProcess process, boolean supervisedConsent) {}
