/** What an agent's firmware is given. */
export interface AgentApi {
  readonly imp: object
  readonly server: object
  readonly device: object
  readonly http: object
}
