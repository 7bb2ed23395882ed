"""An inquiry as the clinic reads it: summary, triage notes, FHIR."""
